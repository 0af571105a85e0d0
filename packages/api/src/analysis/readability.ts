import { confidenceOf, type Finding } from './finding.ts'
import { isEnglish, type ReadText } from './read-text.ts'
import { readWords } from './words.ts'

export interface Readability {
  readonly words: number
  readonly sentences: number
  /** Share of words with more than six letters and words a sentence: 20 easy, 60 hard. Of every language with spaces. */
  readonly lix: number
  /** Flesch: 100 easy, 0 hard. English alone; null elsewhere. */
  readonly readingEase: number | null
  /** Flesch and Kincaid: years at school. English alone. */
  readonly grade: number | null
  /** At 230 words a minute. */
  readonly minutes: number
}

const method = 'Flesch, Flesch-Kincaid, LIX'
const version = 1

/** Undefined for a text without a word. */
export function findReadability(text: ReadText): Finding<Readability> | undefined {
  const pieces = text.pieces.filter(({ kind }) => kind !== 'heading')
  const words = pieces.flatMap((piece) => readWords(piece.text))
  if (words.length === 0) return undefined
  const sentences = Math.max(1, pieces.length)
  const perSentence = words.length / sentences
  const long = words.filter(({ text: word }) => word.length > 6).length
  const syllables = words.reduce((sum, { lower }) => sum + countSyllables(lower), 0) / words.length
  const isKnown = isEnglish(text)
  const round = (value: number) => Math.round(value * 10) / 10
  const value = {
    words: words.length,
    sentences,
    lix: round(perSentence + (100 * long) / words.length),
    readingEase: isKnown ? round(206.835 - 1.015 * perSentence - 84.6 * syllables) : null,
    grade: isKnown ? round(0.39 * perSentence + 11.8 * syllables - 15.59) : null,
    minutes: round(words.length / 230),
  }
  // The formulas were made for samples of a hundred words.
  const confidence = confidenceOf(Math.min(0.95, words.length / (words.length + 25)))
  return { value, confidence, spans: [], method, version }
}

/** Groups of vowels, without those that are silent; right for some nine English words of ten. */
function countSyllables(word: string): number {
  if (!/[a-z]/.test(word)) return 1
  const said = word.replace(/(?:[^laeiouy]es|[^tdaeiouy]ed|[^laeiouy]e)$/, (end) => end.slice(0, 1))
  return Math.max(1, said.match(/[aeiouy]+/g)?.length ?? 1)
}
