/** A sentence of an answer with the passages that it cites, all of which exist. */
export interface CitedSentence {
  readonly text: string
  /** Passage ids, in the order in which they are cited. */
  readonly citations: readonly string[]
  /** Numbers that were cited, but that no passage has: taken out of the text. Of a range, only its ends. */
  readonly rejected: readonly number[]
}

/** A number of more digits than a double keeps cites nothing, and stays in the text. */
const digits = String.raw`\d{1,15}`
const number = String.raw`(?:passages?[ \t]+)?${digits}(?:[ \t]*[-–][ \t]*${digits})?`
/** `[3]`, `[3, 5]`, `[3-5]` or `[passage 3]`, on one line. */
const citation = String.raw`\[${number}(?:[ \t]*,[ \t]*${number})*\]`
const closers = `"'”’»)」』）】`
/** Marks that may follow a sentence's own and still be the sentence's; bounded, for a model that repeats itself without end. */
const tail = String.raw`(?:[${closers}]|\s*${citation}){0,20}`

const marker = new RegExp(String.raw`(?<!\s)\s*(${citation})`, 'gi')
/**
 * Where a sentence ends: at its mark, or at the end of a line that has none. No match may turn into another when more
 * of the stream comes: a mark counts only once something follows that can be neither its tail nor the start of one.
 * `。！？` need no white space after them.
 */
const sentenceEnd = new RegExp(
  [
    String.raw`[.!?。！？]${tail}(?=\s+[^\s[])`,
    String.raw`[。！？]${tail}(?=[^\s[${closers}.!?。！？])`,
    String.raw`(?<!\s)(?=[^\S\n]*\n)(?<![.!?。！？]${tail})[^\S\n]*\n+`,
  ].join('|'),
  'gi',
)
/** The first place in a text without a sentence's end where one may turn out to be, when more of the stream comes. */
const undecided = new RegExp(String.raw`[.!?。！？](?=$|[\s[${closers}])|(?<!\s)\s+$`, 'g')

/** Characters. Longer ones are cut: some models go on without end. */
const maxSentenceLength = 2000

/**
 * Cuts a stream of text into sentences, and looks up what each one cites. What passes is decided here, from the list of
 * passages alone: nothing that a passage or the model says can make a citation valid.
 */
export async function* citeSentences(
  pieces: AsyncIterable<string>,
  passageIds: readonly string[],
): AsyncGenerator<CitedSentence> {
  let pending = ''
  /** No sentence ends before it. */
  let from = 0
  for await (const piece of pieces) {
    pending += piece
    // Looked for in the first characters alone, so that the sentences are the same however the stream is cut.
    for (let at = endOfSentence(pending, from); at !== undefined; at = endOfSentence(pending, from)) {
      yield* cite(pending.slice(0, at), passageIds)
      pending = pending.slice(at)
      from = 0
    }
    from = search(undecided, pending, from)?.index ?? pending.length
  }
  yield* cite(pending, passageIds)
}

function endOfSentence(pending: string, from: number): number | undefined {
  const start = pending.slice(0, maxSentenceLength)
  const end = search(sentenceEnd, start, from)
  if (end !== null) return end.index + end[0].length
  return pending.length > maxSentenceLength ? placeToCut(start) : undefined
}

/** Before a citation that is not whole, or at the last white space; inside a word where there is neither. */
function placeToCut(text: string): number {
  const place = text.search(/\s*\[[^\][]*$|\s\S*$/)
  if (place > maxSentenceLength / 2) return place
  return /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length
}

function search(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

function* cite(sentence: string, passageIds: readonly string[]): Generator<CitedSentence> {
  const text = sentence.replace(marker, '').trim()
  if (text === '') return
  const numbers = [...sentence.matchAll(marker)].flatMap(([, list = '']) =>
    list.split(',').flatMap((item) => readRange(item, passageIds.length)),
  )
  const citations = numbers.flatMap((number) => passageIds[number - 1] ?? [])
  const rejected = numbers.filter((number) => passageIds[number - 1] === undefined)
  yield { text, citations: [...new Set(citations)], rejected: [...new Set(rejected)] }
}

/** `2-4` to 2, 3, 4; beyond the passages only the range's ends, however far it reaches. */
function readRange(item: string, passageCount: number): number[] {
  const ends = (item.match(/\d+/g) ?? []).map(Number)
  const first = Math.max(1, Math.min(...ends))
  const last = Math.min(passageCount, Math.max(...ends))
  const existing = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
  return [...existing, ...ends.filter((end) => end < first || end > last)]
}
