import { type QueryWord, wordWeight } from './query-word.ts'
import type { Question } from './query-words.ts'

/** English words that ask rather than name: `how many … are there`. They count a fifth, by stem. */
const asking = new Set(
  'mani much long often old kind type sort mean happen say said tell told call name use come came get got go made make know known want need work exampl thing peopl ever also actual exact current new be year day month date time money'.split(
    ' ',
  ),
)
const askingShare = 0.2
/** The share that a word in the place of another counts: nobody knows whether it was meant. */
const slipShare = 0.6

/** A word with what it weighs in its question, whether or not any passage has it. */
export interface WeighedWord {
  readonly word: QueryWord
  readonly weight: number
}

/** The question's words by what they tell: rare ones most, those found nowhere fully. Forms beside a word's own are left out. */
export function weighWords({ words, unknown, corpus }: Question): WeighedWord[] {
  return [...words, ...unknown]
    .filter((word) => word.similarity === 1 || word.insteadOf !== undefined)
    .map((word) => {
      const weight = wordWeight({ ...word, similarity: 1, count: 1 }, corpus)
      return { word, weight: asking.has(word.lexemes) ? askingShare * weight : weight }
    })
}

/** The share, 0 to 1, of a question's weight that a text has; a word that stands in for another counts for less. */
export function coverage(weighed: readonly WeighedWord[], has: (word: QueryWord) => boolean): number {
  return shareOf(weighed, (word) => has(word) && (word.insteadOf === undefined ? 1 : slipShare))
}

/** The share, 0 to 1, of a question's weight that these words have. */
export function shareOf(weighed: readonly WeighedWord[], counts: (word: QueryWord) => boolean | number): number {
  let [found, all] = [0, 0]
  for (const { word, weight } of weighed) {
    all += weight
    found += Number(counts(word)) * weight
  }
  return all === 0 ? 0 : found / all
}
