import { confidenceOf, type Finding } from './finding.ts'
import { isEnglish, type ReadText, spanOf } from './read-text.ts'
import { readWords } from './words.ts'

const method = 'keyphrases, place and cue words'
const version = 1
const most = 5
const [shortest, longest] = [6, 45]

const concluding =
  /\b(?:in short|in summary|to sum up|the (?:key|point|lesson|takeaway|bottom line|moral|main (?:idea|point|reason)|result|upshot|difference|important thing)|turns out|therefore|this means|that means|which means|as a result|the reason|we (?:found|learned|learnt|believe|concluded?)|i (?:learned|learnt|realized|realised|found|believe)|most important|crucial|never|always|the best|the only|instead of|because|should|must)\b/
/** A line of a change log. */
const isListing = /\b[0-9a-f]{7,40}\b|#\d{3,}/
const backward = /^(?:but|and|so|this|that|these|those|it|they|he|she|also|then|for example|however|here|there)\b/

/** Sentences of the text itself that say what it has to say: those with its phrases, near its ends, that conclude something. */
export function findKeyInsights(text: ReadText, keyphrases: readonly Finding[]): Finding[] {
  const phrases = keyphrases.map(({ value, confidence }) => ({ words: value.toLowerCase(), confidence }))
  const pieces = text.pieces.filter(({ kind }) => kind !== 'heading')
  const scored = pieces.flatMap((piece, at) => {
    const count = readWords(piece.text).length
    if (count < shortest || count > longest || !/[.!…。]['"”’)]*$/.test(piece.text) || isListing.test(piece.text))
      return []
    const line = piece.text.toLowerCase().replaceAll('’', "'")
    const covered = phrases.filter(({ words }) => line.includes(words)).reduce((sum, each) => sum + each.confidence, 0)
    const place = at / Math.max(1, pieces.length - 1)
    const placed = place < 0.15 ? 0.25 : place > 0.85 ? 0.15 : 0
    const cued = isEnglish(text) && concluding.test(line) ? 0.3 : 0
    const dangling = isEnglish(text) && backward.test(line) ? 0.3 : 0
    return [{ piece, at, score: Math.min(1, covered / 1.2) + placed + cued - dangling }]
  })
  return scored
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, most)
    .filter(({ score }) => score >= 0.5)
    .map(({ piece, score }) => ({
      value: piece.text,
      confidence: confidenceOf(1 / (1 + Math.exp(-3 * (score - 0.9)))),
      spans: [spanOf(piece)],
      method,
      version,
    }))
}
