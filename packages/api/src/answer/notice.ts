import { stopWordsIn } from '../analysis/question-stop-words.ts'
import type { QueryWord } from '../search/query-word.ts'
import { type WeighedWord, weighWords } from '../search/relevance.ts'
import type { QuestionKind } from './question-kind.ts'
import type { Asked, Candidate } from './rank-sentences.ts'

/** Words that a notice names, at most. */
const mostNamed = 4
/** The share of the question's weight from which a word that is missing is named. */
const tellingShare = 0.25

const notSaid: Readonly<Partial<Record<QuestionKind, string>>> = {
  money: 'Nothing here says how much.',
  share: 'Nothing here says what share.',
  duration: 'Nothing here says how long.',
  number: 'Nothing here says how many.',
  date: 'Nothing here says when.',
  person: 'Nothing here says who.',
}

const unanswered = 'Nothing here answers this.'

export function noticeOfNothing({ prompt, words, unknown }: Asked): string {
  return nothingAbout(unknown, prompt) ?? nothingAbout(words, prompt) ?? 'Nothing here was found.'
}

export function noticeOfUnnamed(versions: readonly string[]): string {
  return `Nothing here is about ${versions.map((version) => `«${version}»`).join(', ')}.`
}

/** Names what is missing from the passages that come nearest, or what kind of answer. */
export function noticeOfUnknown(
  asked: Asked,
  kind: QuestionKind,
  candidates: readonly Candidate[],
  /** Sentences are about it, but none has what is asked for. */
  isAboutIt: boolean,
): string {
  if (isAboutIt) return notSaid[kind] ?? unanswered
  const [nearest] = candidates.toSorted((a, b) => b.support - a.support)
  // A word that another one stands in for is not here either.
  const notHere = [...asked.unknown, ...asked.words.filter(({ insteadOf }) => insteadOf !== undefined)]
  const missing = weighWords(asked).filter(({ word }) => notHere.includes(word))
  const nothing = nothingAbout(heaviestFirst(missing), asked.prompt)
  if (nothing !== undefined) return nothing
  // Each of them may stand elsewhere, but not with the others.
  const names = quote(heaviestFirst(nearest?.missing ?? []), asked.prompt)
  return names === '' ? unanswered : `Nothing here answers this: the passages that come nearest do not say ${names}.`
}

/** Names what the answer's sentences and their passages say nothing of, though the question is about it; null where that is nothing. */
export function noticeOfMissing(asked: Asked, chosen: readonly Candidate[]): string | null {
  const whole = weighWords(asked).reduce((sum, { weight }) => sum + weight, 0)
  const [first, ...others] = chosen.map(({ missing }) => missing)
  const telling = (first ?? [])
    .filter(({ word }) => others.every((missing) => missing.some((each) => each.word === word)))
    .filter(({ word, weight }) => weight >= tellingShare * whole || asked.unknown.includes(word))
  const names = quote(heaviestFirst(telling), asked.prompt)
  return names === '' ? null : `The passages of these sentences do not say ${names}.`
}

function heaviestFirst(words: readonly WeighedWord[]): QueryWord[] {
  return words.toSorted((a, b) => b.weight - a.weight).map(({ word }) => word)
}

function nothingAbout(words: readonly QueryWord[], prompt: string): string | undefined {
  const names = quote(words, prompt)
  return names === '' ? undefined : `Nothing here is about ${names}.`
}

/** Stop words of the question's language are never missed: only a collection in other languages too knows them as words at all. */
function quote(words: readonly QueryWord[], prompt: string): string {
  const stopWords = stopWordsIn(prompt)
  const telling = words.filter(({ asked = '' }) => !stopWords.has(asked))
  const names = new Set(telling.slice(0, mostNamed).map((word) => asWritten(word, prompt)))
  return [...names].map((name) => `«${name}»`).join(', ')
}

function asWritten({ asked, lexemes }: QueryWord, prompt: string): string {
  const word = asked ?? lexemes
  const at = prompt.toLowerCase().indexOf(word)
  return at === -1 ? word : prompt.slice(at, at + word.length)
}
