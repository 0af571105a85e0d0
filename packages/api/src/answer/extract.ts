import type { Deps } from '../context.ts'
import type { SearchResult } from '../search/search.ts'
import type { Extracted } from './extracted.ts'
import { sayFields } from './field-sentences.ts'
import { noticeOfNothing, noticeOfUnknown } from './notice.ts'
import type { QuestionKind } from './question-kind.ts'
import { type Asked, type Candidate, rankSentences } from './rank-sentences.ts'

/** Sentences of an answer, at most, and how near to the best one's score the others are. */
const mostSentences = 3
const nearEnough = 0.78
/** Support below which the best sentence is about something else: see decision 53. Where a word or a name of the question is missing, more is asked for. */
const leastSupport = 0.38
const leastWhereMissing = 0.48
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
  const { kind, candidates, sources } = await rankSentences(deps, asked, passages)
  const answers = (candidate: Candidate) => {
    const isMissing = asked.unknown.length > 0 || candidate.features.names < 1
    return candidate.support >= (isMissing ? leastWhereMissing : leastSupport)
  }
  const ofKind = strict.has(kind) ? candidates.filter(({ features }) => features.kind > 0) : candidates
  const fitting = ofKind.some(answers) ? ofKind.filter(({ support }) => support >= leastOfOthers) : []
  const fields = await sayFields(deps.db, asked, kind, passages, sources)
  if (fitting.length === 0 && fields.length === 0) {
    return { sentences: [], notice: noticeOfUnknown(asked, kind, candidates, candidates.some(answers)) }
  }
  // A field says it all; one sentence more, for what it is about.
  const chosen = chooseSentences(fitting, fields.length > 0 ? 1 : mostSentences)
  return { sentences: [...fields, ...chosen.map(toExtracted)], notice: null }
}

function toExtracted({ sentence: { text, start, end }, passage, source }: Candidate): Extracted {
  const { contentHash } = source
  return { text, passage, contentHash, source: source.text.slice(start, end), start, end, part: 'text' }
}

/** The best sentence, then those that are nearly as good: the best content first, each content's in their order. */
function chooseSentences(candidates: readonly Candidate[], most: number): Candidate[] {
  const [best, ...others] = candidates
  if (best === undefined) return []
  const near = others.slice(0, most - 1).filter(({ score }) => score >= nearEnough * best.score)
  const ranks = [...new Set([best, ...near].map(({ source }) => source))]
  return [
    best,
    ...near.sort((a, b) => ranks.indexOf(a.source) - ranks.indexOf(b.source) || a.sentence.start - b.sentence.start),
  ]
}
