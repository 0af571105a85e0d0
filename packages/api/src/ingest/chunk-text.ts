/** Characters (UTF-16 units) a passage aims at, may reach, and repeats from the one before it. */
export interface ChunkOptions {
  /** Default 1,000: some 200 words, which a 256-token embedding model still reads whole. */
  readonly targetLength?: number
  /** Default 1,500: a single longer sentence is cut. */
  readonly maxLength?: number
  /** Default 150: a sentence or two, so that an answer at a passage's edge stands whole in one of the two. */
  readonly overlapLength?: number
}

/** A piece of a text: from `start`, up to but without `end`. */
interface Span {
  readonly start: number
  readonly end: number
}

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

/**
 * Cuts a text into overlapping passages at sentence ends, paragraphs first. Every passage is a verbatim piece of the
 * text, none is longer than `maxLength`, and together they hold all of it but white space. Blank text has none.
 */
export function chunkText(text: string, options: ChunkOptions = {}): string[] {
  return chunkSpans(text, options).map(({ start, end }) => text.slice(start, end))
}

/** Where the passages of `chunkText` stand in their text. */
export function chunkSpans(text: string, options: ChunkOptions = {}): Span[] {
  const { targetLength = 1000, maxLength = 1500, overlapLength = 150 } = options
  const spans = sentenceSpans(text, maxLength)
    .toArray()
    .filter(({ start, end }) => /\S/.test(text.slice(start, end)))
  const passages: Span[] = []

  let first = 0
  let last = -1
  while (last < spans.length - 1) {
    // Every passage has at least one sentence that the one before it did not have.
    last = lastThatFits(text, spans, { first, atLeast: last + 1, targetLength, maxLength })
    const passage = trimSpan(text, { start: spans[first]?.start ?? 0, end: spans[last]?.end ?? 0 })
    if (passage.end > passage.start) passages.push(passage)
    first = overlapStart(spans, { first, last, overlapLength, maxLength })
  }
  return passages
}

/** Takes sentences up to the target; the one that crosses it comes along only inside a paragraph, and by its half. */
function lastThatFits(
  text: string,
  spans: readonly Span[],
  {
    first,
    atLeast,
    targetLength,
    maxLength,
  }: { first: number; atLeast: number; targetLength: number; maxLength: number },
): number {
  const start = spans[first]?.start ?? 0
  let last = atLeast
  for (let next = atLeast + 1; next < spans.length; next++) {
    const span = spans[next] as Span
    const over = span.end - start - targetLength
    const under = targetLength - (span.start - start)
    if (over > 0 && (over > under || span.end - start > maxLength || startsParagraph(text, span))) break
    last = next
  }
  return last
}

function startsParagraph(text: string, { start }: Span): boolean {
  return /\n\s*\n\s*$/.test(text.slice(Math.max(0, start - 8), start))
}

/** The first sentence that the next passage repeats: as many as the overlap holds and its first new one leaves room for. */
function overlapStart(
  spans: readonly Span[],
  { first, last, overlapLength, maxLength }: { first: number; last: number; overlapLength: number; maxLength: number },
): number {
  const end = spans[last]?.end ?? 0
  const newEnd = spans[last + 1]?.end ?? end
  let next = last + 1
  while (next - 1 > first) {
    const start = spans[next - 1]?.start ?? 0
    if (end - start > overlapLength || newEnd - start > maxLength) break
    next--
  }
  return next
}

function* sentenceSpans(text: string, maxLength: number): Generator<Span> {
  // A paragraph a time: the segmenter slows down on very long input.
  for (const paragraph of paragraphSpans(text)) {
    for (const { segment, index } of sentences.segment(text.slice(paragraph.start, paragraph.end))) {
      const start = paragraph.start + index
      yield* cutSpan(text, { start, end: start + segment.length }, maxLength)
    }
  }
}

/** Each with the blank lines behind it. A pattern for a whole paragraph would run out of stack on a long one. */
function* paragraphSpans(text: string): Generator<Span> {
  let start = 0
  for (const blank of text.matchAll(/\n[^\S\n]*\n\s*/g)) {
    const end = blank.index + blank[0].length
    yield { start, end }
    start = end
  }
  yield { start, end: text.length }
}

/** Cuts what has no sentence end (tables, minified code): at white space where there is some, never inside a character. */
function* cutSpan(text: string, span: Span, maxLength: number): Generator<Span> {
  let { start } = span
  while (span.end - start > maxLength) {
    const window = text.slice(start, start + maxLength)
    const space = window.search(/\s\S*$/)
    let end = start + (space > maxLength / 2 ? space + 1 : maxLength)
    if (isLowSurrogate(text.charCodeAt(end))) end--
    yield { start, end }
    start = end
  }
  yield { start, end: span.end }
}

function trimSpan(text: string, { start, end }: Span): Span {
  const trimmedEnd = start + text.slice(start, end).trimEnd().length
  return { start: trimmedEnd - text.slice(start, trimmedEnd).trimStart().length, end: trimmedEnd }
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}
