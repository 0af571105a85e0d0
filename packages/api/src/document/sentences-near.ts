import { readSentences, type Sentence } from './sentences.ts'

/** A longer text is read around these places alone, so many characters to each side: a book takes no longer than a post. */
const margin = 20_000

/** The whole sentences near these places of a text, each once, with their places in the whole text. */
export function readSentencesNear(text: string, places: readonly number[]): Sentence[] {
  if (text.length <= 2 * margin) return readSentences(text)
  const sentences = places.flatMap((at) => {
    const start = startOfBlock(text, Math.max(0, at - margin), at)
    return readSentences(text.slice(start, at + margin)).map((sentence) => ({
      ...sentence,
      start: sentence.start + start,
      end: sentence.end + start,
    }))
  })
  return [...new Map(sentences.map((sentence) => [sentence.start, sentence])).values()]
}

/** The first one behind `from`, unless none begins before `to`. */
function startOfBlock(text: string, from: number, to: number): number {
  const blank = from === 0 ? 0 : text.slice(from, to).indexOf('\n\n')
  return blank === -1 ? from : from + blank
}
