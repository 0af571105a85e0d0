/** A sentence of an answer with the passages that it cites, all of which exist. */
export interface CitedSentence {
  readonly text: string
  /** Passage ids, in the order in which they are cited. */
  readonly citations: readonly string[]
  /** Numbers that were cited, but that no passage has: taken out of the text. */
  readonly rejected: readonly number[]
}

/** `[3]` or `[3, 5]`, with the white space before it. */
const marker = /\s*\[(\d+(?:\s*,\s*\d+)*)\]/g
/** A sentence's end: its mark, with whatever citations follow it, then white space; or a line's end. */
const sentenceEnd = /[.!?。！？]["'”’)]*(?:\s*\[\d+(?:\s*,\s*\d+)*\])*(?=\s+(?!\[))|\n+/

/**
 * Cuts a stream of text into sentences, and looks up what each one cites. What passes is decided here, from the list of
 * passages alone: nothing that a passage or the model says can make a citation valid.
 */
export async function* citeSentences(
  pieces: AsyncIterable<string>,
  passageIds: readonly string[],
): AsyncGenerator<CitedSentence> {
  let pending = ''
  for await (const piece of pieces) {
    pending += piece
    for (let end = sentenceEnd.exec(pending); end !== null; end = sentenceEnd.exec(pending)) {
      const at = end.index + end[0].length
      yield* cite(pending.slice(0, at), passageIds)
      pending = pending.slice(at)
    }
  }
  yield* cite(pending, passageIds)
}

function* cite(sentence: string, passageIds: readonly string[]): Generator<CitedSentence> {
  const numbers = [...sentence.matchAll(marker)].flatMap(([, list = '']) => list.split(',').map(Number))
  const text = sentence.replace(marker, '').trim()
  if (text === '') return
  const citations = numbers.flatMap((number) => passageIds[number - 1] ?? [])
  const rejected = numbers.filter((number) => passageIds[number - 1] === undefined)
  yield { text, citations: [...new Set(citations)], rejected: [...new Set(rejected)] }
}
