import type { Deps } from '../context.ts'
import type { SearchResult } from '../search/search.ts'
import type { Extracted } from './extracted.ts'
import { sayFields, sayPosts, sayWhen } from './field-sentences.ts'
import { noticeOfMissing, noticeOfNothing, noticeOfUnknown, noticeOfUnnamed } from './notice.ts'
import type { QuestionKind } from './question-kind.ts'
import { type Asked, type Candidate, rankSentences } from './rank-sentences.ts'

/** Sentences of an answer, at most. */
const mostSentences = 3
/** Support that one of them must have, or they are about something else: see decision 53. */
const leastSupport = 0.475
/** The others need not have as much: the best one shows that the question is answered here. */
const leastOfOthers = 0.25
/** Kinds of question whose answer shows by its form: without a number, `how many` is not answered. */
const strict: ReadonlySet<QuestionKind> = new Set(['money', 'share', 'duration', 'number', 'date', 'person'])

/** The sentences of the passages that answer best, as they stand; none, and a notice that says what is missing, where nothing does. */
export async function extractAnswer(
  deps: Pick<Deps, 'db' | 'embedder'>,
  asked: Asked,
  passages: readonly SearchResult[],
): Promise<{ sentences: Extracted[]; notice: string | null }> {
  if (passages.length === 0) return { sentences: [], notice: noticeOfNothing(asked) }
  const { kind, candidates, sources, unnamed } = await rankSentences(deps, asked, passages)
  const answers = (best: readonly Candidate[]) =>
    best.slice(0, mostSentences).some(({ support }) => support >= leastSupport)
  const ofKind = strict.has(kind) ? candidates.filter(({ features }) => features.kind > 0) : candidates
  const fitting = answers(ofKind) ? ofKind.filter(({ support }) => support >= leastOfOthers) : []
  const posts = sayPosts(asked, passages, sources, mostSentences)
  if (posts.length > 0) return { sentences: posts, notice: null }
  const titled = await sayFields(deps.db, asked, kind, passages, sources)
  const when = sayWhen(asked, kind, fitting, candidates)
  const fields = titled.length > 0 ? titled : when.fields
  if (fitting.length === 0 && fields.length === 0) {
    const notice =
      unnamed.length > 0 ? noticeOfUnnamed(unnamed) : noticeOfUnknown(asked, kind, candidates, answers(candidates))
    return { sentences: [], notice }
  }
  // A field says it all; one sentence more, for what it is about.
  const about = titled.length === 0 && fields.length > 0 ? when.about : fitting
  const chosen = chooseSentences(about, fields.length > 0 ? 1 : mostSentences)
  const notice = fields.length > 0 ? null : noticeOfMissing(asked, chosen)
  return { sentences: [...fields, ...chosen.map(toExtracted)], notice }
}

function toExtracted({ sentence: { text, start, end }, passage, source }: Candidate): Extracted {
  const { contentHash } = source
  return { text, passage, contentHash, source: source.text.slice(start, end), start, end, part: 'text' }
}

/** The first ones, without those that stand in one before them. */
function withoutParts(candidates: readonly Candidate[], most: number): Candidate[] {
  const chosen: Candidate[] = []
  for (const each of candidates) {
    if (chosen.length === most) break
    if (!chosen.some(({ sentence }) => sentence.text.includes(each.sentence.text))) chosen.push(each)
  }
  return chosen
}

/** The best sentence, then the next best ones: the best content first, each content's in their order. */
function chooseSentences(candidates: readonly Candidate[], most: number): Candidate[] {
  const [best, ...others] = withoutParts(candidates, most)
  if (best === undefined) return []
  const ranks = [...new Set([best, ...others].map(({ source }) => source))]
  return [
    best,
    ...others.sort((a, b) => ranks.indexOf(a.source) - ranks.indexOf(b.source) || a.sentence.start - b.sentence.start),
  ]
}
