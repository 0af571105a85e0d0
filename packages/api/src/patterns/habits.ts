import type { Analysis } from '../analysis/analyse-text.ts'
import type { Finding } from '../analysis/finding.ts'
import { type Evidence, type FoundPattern, patternsVersion, round } from './pattern.ts'
import { idOf } from './profile.ts'

/** What patterns are made of; the rest of an analysis need not travel between threads. */
export type PatternAnalysis = Pick<Analysis, 'themes' | 'hooks' | 'frameworks'>

export interface HabitContent {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly analysis: PatternAnalysis
}

const [fewest, leastShare, shown] = [3, 0.15, 50]
const method = 'share and number of contents with it'

/** Hooks and frameworks that an author uses again and again. */
export function findHabits(owner: string, contents: readonly HabitContent[]): FoundPattern[] {
  return [
    ...habitsOf(owner, 'hook', contents, ({ hooks }) => hooks),
    ...habitsOf(owner, 'framework', contents, ({ frameworks }) => frameworks),
  ]
}

function habitsOf(
  owner: string,
  type: 'hook' | 'framework',
  contents: readonly HabitContent[],
  read: (analysis: PatternAnalysis) => readonly Finding[],
): FoundPattern[] {
  const uses = new Map<string, { content: HabitContent; finding: Finding }[]>()
  for (const content of contents) {
    for (const finding of read(content.analysis)) {
      uses.set(finding.value, [...(uses.get(finding.value) ?? []), { content, finding }])
    }
  }
  return [...uses]
    .filter(([, { length }]) => length >= fewest && length / contents.length >= leastShare)
    .map(([value, used]) => {
      const mean = used.reduce((sum, { finding }) => sum + finding.confidence, 0) / used.length
      const sorted = used.toSorted(
        (a, b) => b.finding.confidence - a.finding.confidence || (a.content.id < b.content.id ? -1 : 1),
      )
      const percent = Math.round((100 * used.length) / contents.length)
      return {
        id: idOf(owner, type, value),
        type,
        description: `${value} in ${used.length} of ${contents.length} contents (${percent} %)`,
        // Three are a habit hardly, thirty surely; and findings that are half sure make a habit that is.
        confidenceScore: round(mean * (1 - 1 / (used.length + 1))),
        method,
        version: patternsVersion,
        evidence: sorted.slice(0, shown).map(({ content, finding }) => evidenceOf(content, finding)),
      }
    })
}

function evidenceOf({ id, title, body }: HabitContent, { confidence, spans }: Finding): Evidence {
  const quotes = spans.slice(0, 3).flatMap(({ part, start, end }) => {
    // A title stands in no passage, but in front of all of them.
    const text = (part === 'title' ? title : body).slice(start, end)
    return part === 'title' ? [] : [{ start, end, text: text.slice(0, 300) }]
  })
  return { contentId: id, strength: confidence, quotes }
}
