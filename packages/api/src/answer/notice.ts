import type { QueryWord } from '../search/query-word.ts'
import { weighWords } from '../search/relevance.ts'
import type { QuestionKind } from './question-kind.ts'
import type { Asked, Candidate } from './rank-sentences.ts'

/** Words that a notice names, at most. */
const mostNamed = 4

const notSaid: Readonly<Partial<Record<QuestionKind, string>>> = {
  money: 'Nothing here says how much.',
  share: 'Nothing here says what share.',
  duration: 'Nothing here says how long.',
  number: 'Nothing here says how many.',
  date: 'Nothing here says when.',
  person: 'Nothing here says who.',
}

export function noticeOfNothing({ prompt, words, unknown }: Asked): string {
  return nothingAbout(unknown.length > 0 ? unknown : words, prompt) ?? 'Nothing here was found.'
}

/** Names what is missing from the passages that come nearest, or what kind of answer. */
export function noticeOfUnknown(
  asked: Asked,
  kind: QuestionKind,
  candidates: readonly Candidate[],
  /** Sentences are about it, but none has what is asked for. */
  isAboutIt: boolean,
): string {
  if (isAboutIt) return notSaid[kind] ?? 'Nothing here answers this.'
  const [nearest] = candidates.toSorted((a, b) => b.support - a.support)
  // What another word stands in for is not here either.
  const notHere = [...asked.unknown, ...asked.words.filter(({ insteadOf }) => insteadOf !== undefined)]
  const missing = notHere.length > 0 ? notHere : (nearest?.missing ?? asked.words)
  const weight = new Map(weighWords(asked).map((each) => [each.word, each.weight]))
  const heaviest = missing.toSorted((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0))
  return nothingAbout(heaviest, asked.prompt) ?? 'Nothing here answers this.'
}

function nothingAbout(words: readonly QueryWord[], prompt: string): string | undefined {
  const names = [...new Set(words.slice(0, mostNamed).map((word) => asWritten(word, prompt)))]
  return names.length === 0 ? undefined : `Nothing here is about ${names.map((name) => `«${name}»`).join(', ')}.`
}

function asWritten({ asked, lexemes }: QueryWord, prompt: string): string {
  const word = asked ?? lexemes
  const at = prompt.toLowerCase().indexOf(word)
  return at === -1 ? word : prompt.slice(at, at + word.length)
}
