import { LRUCache } from 'lru-cache'
import { type Analysis, analyseText } from '../analysis/analyse-text.ts'
import type { GivenText } from '../analysis/read-text.ts'
import { openWordRanks } from '../analysis/word-ranks.ts'
import type { OpenPair } from './elaborations.ts'
import { findGrowth } from './growth.ts'
import { findHabits, type HabitContent, type PatternAnalysis } from './habits.ts'
import { type Evidence, type FoundPattern, quoteOf } from './pattern.ts'
import { type GivenContent, type Profile, profileOf } from './profile.ts'
import { findRelations } from './relations.ts'
import { sameSaying } from './same-saying.ts'
import { type FormerThemes, findThemes } from './themes.ts'

/** A content to compare: under a key that changes with its text and its vector. */
export interface KeyedContent {
  readonly id: string
  readonly key: string
  /** Left out where the thread may know it from the call before. */
  readonly content?: GivenContent
  readonly analysis: PatternAnalysis | undefined
}

export interface PatternTask {
  /** Whose patterns: ids are made of it. */
  readonly owner: string
  readonly contents: readonly KeyedContent[]
  readonly formerThemes: FormerThemes
}

/** Cosines of pairs of sentences, in the order of `pairs`. */
interface Cosines {
  readonly pairs: readonly OpenPair[]
  readonly cosines: readonly number[]
}

export type Task =
  | { readonly kind: 'analyse'; readonly texts: readonly GivenText[] }
  | ({ readonly kind: 'patterns' } & PatternTask)
  | ({ readonly kind: 'relations' } & PatternTask & Cosines)
  /** What grew out of `one` among the others, and what it grew out of. */
  | { readonly kind: 'growth'; readonly one: GivenContent; readonly others: readonly GivenContent[] }

export type Outcome =
  | { readonly kind: 'analyses'; readonly analyses: readonly Analysis[] }
  | { readonly kind: 'missing'; readonly ids: readonly string[] }
  | { readonly kind: 'patterns'; readonly patterns: readonly FoundPattern[]; readonly open: readonly OpenPair[] }
  | { readonly kind: 'growth'; readonly steps: readonly Evidence[] }

/**
 * Profiles of contents that were compared before, some 10 KB each: an author's next content is compared with them in no time. A profile
 * takes some ten bytes for each character of its body, and so all of them 200 MB at most.
 */
const [mostProfiles, mostProfiledCharacters] = [4000, 20_000_000]

/**
 * What is computed away from the event loop; one of these lives in each thread.
 *
 * @param mostCharacters of the bodies of remembered profiles, together
 */
export function createAnalystTasks(mostCharacters = mostProfiledCharacters): (task: Task) => Outcome {
  const profiles = new LRUCache<string, { profile: Profile; content: GivenContent }>({
    max: mostProfiles,
    maxSize: mostCharacters,
    sizeCalculation: ({ content }) => 1 + content.body.length,
  })

  const readProfiles = (contents: readonly KeyedContent[]) => {
    const missing: string[] = []
    const known = contents.flatMap(({ id, key, content, analysis }) => {
      const stored = profiles.get(key)
      const entry = stored ?? (content === undefined ? undefined : { profile: profileOf(content), content })
      if (entry === undefined) {
        missing.push(id)
        return []
      }
      if (stored === undefined) profiles.set(key, entry)
      return [{ ...entry, analysis }]
    })
    return { missing, known }
  }

  return (task) => {
    if (task.kind === 'analyse') return { kind: 'analyses', analyses: task.texts.map(analyseText) }
    if (task.kind === 'growth') return { kind: 'growth', steps: findGrowth(task.one, task.others) }
    const { missing, known } = readProfiles(task.contents)
    if (missing.length > 0) return { kind: 'missing', ids: missing }
    const read = known.map(({ profile }) => profile)
    if (task.kind === 'relations') {
      const { patterns } = findRelations(task.owner, read, saysSameBy(task))
      return { kind: 'patterns', patterns, open: [] }
    }
    const analysed = known.flatMap(({ content, profile, analysis }) =>
      analysis === undefined ? [] : [{ content, profile, analysis }],
    )
    const relations = findRelations(task.owner, read)
    const themes = findThemes(task.owner, analysed.flatMap(themeContentOf), task.formerThemes)
    const habits = findHabits(
      task.owner,
      analysed.map(({ content: { id, title, body }, analysis }): HabitContent => ({ id, title, body, analysis })),
    )
    return { kind: 'patterns', patterns: [...relations.patterns, ...themes, ...habits], open: relations.open }
  }
}

function saysSameBy({ pairs, cosines }: Cosines) {
  const rankOf = openWordRanks()
  const keyOf = ({ older, newer }: OpenPair) => `${older}\n${newer}`
  const chances = new Map(
    pairs.map((pair, at) => [keyOf(pair), sameSaying(pair.older, pair.newer, cosines[at] ?? 0, rankOf)]),
  )
  return (pair: OpenPair) => chances.get(keyOf(pair))
}

function themeContentOf({
  content,
  profile,
  analysis,
}: {
  content: GivenContent
  profile: Profile
  analysis: PatternAnalysis
}) {
  if (profile.vector === undefined) return []
  const phrases = analysis.themes.map(({ value, confidence, spans }) => {
    const span = spans.find(({ part }) => part === 'body')
    const quote = span && quoteOf({ text: content.body.slice(span.start, span.end), start: span.start, end: span.end })
    return { value, confidence, quote }
  })
  return [{ id: content.id, vector: profile.vector, phrases }]
}
