import { fieldError } from '@extropy/api'

/** Tokens of an answer, its text and its structured form together, where the caller says nothing else. */
export const defaultMaxTokens = 6000
export const leastMaxTokens = 1000
/** Clients refuse results of 25,000 tokens. */
export const mostMaxTokens = 20_000

/** Characters that make a token, at least, in each kind of run; what is none of these counts by the character. */
const runs: readonly (readonly [pattern: string, charactersPerToken: number])[] = [
  // Ids, receipts, times: letters and digits by turns.
  [String.raw`(?=[\w-]*\d)[\w-]{9,}`, 1.45],
  ['[A-Za-z]+', 5],
  [String.raw`\d+`, 3],
  [String.raw`\s+`, 4],
  [String.raw`[!-/:-@[-\x60{-~]+`, 4],
  [
    String.raw`(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}])[\p{L}\p{M}])+`,
    2,
  ],
  // Beyond the first plane, such as emoji, a character is several tokens.
  [String.raw`[\u{10000}-\u{10FFFF}]`, 2 / 3],
]

const run = new RegExp([...runs.map(([pattern]) => `(${pattern})`), '[^]'].join('|'), 'gu')

/**
 * Tokens of a text, rather too many than too few, without any model's own vocabulary. Against o200k it counts 1 to 2 times as many:
 * decision 100 has the figures by kind of text.
 */
export function countTokens(text: string): number {
  let count = 0
  for (const match of text.matchAll(run)) {
    // A single space belongs to the word behind it.
    if (match[0] === ' ') continue
    const kind = match.findIndex((group, index) => index > 0 && group !== undefined)
    count += kind === -1 ? 1 : Math.ceil(match[0].length / (runs[kind - 1]?.[1] ?? 1))
  }
  return count
}

export function countJsonTokens(value: unknown): number {
  return countTokens(JSON.stringify(value) ?? '')
}

/** Room for the structured form, which stands in an answer twice: as text, too, for clients that know no other. */
export function roomOf(maxTokens: number): number {
  return Math.floor(maxTokens * 0.47)
}

/** The longest beginning of a text whose JSON fits; it ends at a paragraph, a sentence or a word where one is near. */
export function cutToTokens(text: string, tokens: number): string {
  // No text has more characters a token, as they are counted here.
  const longest = Math.min(text.length, Math.max(0, tokens) * 8)
  const fits = (length: number) => countJsonTokens(text.slice(0, length)) <= tokens
  if (longest === text.length && fits(longest)) return text
  let [low, high] = [0, longest]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return text.slice(0, goodEnd(text, low))
}

function goodEnd(text: string, end: number): number {
  const from = Math.floor(end * 0.8)
  for (const mark of ['\n\n', '\n', '. ', ' ']) {
    const at = text.lastIndexOf(mark, end - mark.length)
    if (at > from) return at + mark.length
  }
  const isSplit = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')
  return isSplit ? end - 1 : end
}

/** Makes a row whose texts from outside are at most so long. */
export type MakeRow<Row> = (longest: number) => Row

/** As many rows, from the first one on, as there is room for; the first one is shortened until it fits. */
export function fitRows<Row>(makers: readonly MakeRow<Row>[], room: number): Row[] {
  const rows: Row[] = []
  let left = room
  for (const make of makers) {
    let row = make(Number.POSITIVE_INFINITY)
    let tokens = countJsonTokens(row) + 1
    for (let longest = 4000; rows.length === 0 && tokens > left && longest > 8; longest = Math.floor(longest / 1.5)) {
      row = make(longest)
      tokens = countJsonTokens(row) + 1
    }
    if (tokens > left) break
    rows.push(row)
    left -= tokens
  }
  return rows
}

/** As `fitRows`, for lists with a cursor: without a row it would not move. @throws AppError invalid_input */
export function fitPage<Row>(makers: readonly MakeRow<Row>[], room: number): Row[] {
  const rows = fitRows(makers, room)
  if (rows.length > 0 || makers.length === 0) return rows
  throw fieldError('invalid_input', 'maxTokens', `is too few for what comes next: give up to ${mostMaxTokens}`)
}
