/** A place in a content's text: from `start`, up to but without `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

const edge = 48
const gap = ' … '

/** What an address says of a passage: its first and its last words, so that it is found again in a text that has changed. */
export function markOf(passage: string): string {
  if (passage.length <= 2 * edge) return passage
  return `${passage.slice(0, edge)}${gap}${passage.slice(-edge)}`
}

/** Undefined where the text has no such words. */
export function findMark(body: string, mark: string): Span | undefined {
  const [head = '', tail] = mark.split(gap)
  const start = body.indexOf(head)
  if (start < 0 || head === '') return undefined
  if (tail === undefined) return { start, end: start + head.length }
  const last = body.indexOf(tail, start + head.length)
  return last < 0 ? { start, end: start + head.length } : { start, end: last + tail.length }
}

/** `120-240`: a receipt's place. */
export function readPlace(at: string, body: string): Span | undefined {
  const [, start, end] = /^(\d{1,9})-(\d{1,9})$/.exec(at) ?? []
  const span = { start: Number(start), end: Number(end) }
  return start !== undefined && span.start < span.end && span.end <= body.length ? span : undefined
}
