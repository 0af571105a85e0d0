import { decodeEntities } from './entities.ts'
import { type Block, readMarkdown, showMarks } from './markdown.ts'

/** A sentence of a content, as a reader sees it, and where it stands in the content's text. */
export interface Sentence {
  readonly text: string
  /** UTF-16 units of the content's text: from `start`, up to but without `end`. */
  readonly start: number
  readonly end: number
  /** The heading that it stands under; empty where there is none. */
  readonly heading: string
}

export interface Piece extends Sentence {
  readonly kind: 'heading' | 'paragraph' | 'item'
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** A point behind one of these ends no sentence, for a name or the rest of it must follow. */
const abbreviation =
  /(?:^|[\s("'“‘[])(?:Mrs?|Ms|Dr|Prof|St|Sr|Jr|Gen|Col|Lt|Capt|Sgt|Rev|Hon|Gov|Sen|Rep|Mt|Ft|No|Nos|Vol|Fig|Eq|Sec|Ch|pp?|vs?|cf|ca|approx|resp|viz|esp|incl|e\.g|i\.e|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.\s*$/i
/** `Nicholas C.`, `J. R.`; but `written in C.` is an end. */
const initial = /(?:^|[\s(“"])(?:\p{Lu}[\p{L}'’-]*\s+|(?:\p{Lu}\.\s*)+)\p{Lu}\.\s*$|^\p{Lu}\.\s*$/u
/** Ends a sentence only where the next one begins like one. */
const oftenLast = /(?:\betc|\bInc|\bLtd|\bCo|\bCorp|\bal|\b[ap]\.m|\p{Lu}\.\p{Lu})\.\s*$/u

const endMark = /[.!?。！？…][\p{Pe}\p{Pf}"'*]*$/u
const leadIn = /[:：]$/
/** Characters; nobody reads a longer one in one breath. It takes no more sentences in, and as a piece it is cut. */
const longestSentence = 2000
/** Left of markup that is none, such as a link inside a link. */
const leftOver = /\]\(|```/
/** Items of a list that one sentence brings along, and how long a sentence may become of it, in characters. */
const [mostItems, longestLed] = [6, 500]
/** How often an item is brought along, on average: each item that leads on to those behind it brings them all once more. */
const usesOfItem = 20

/** All whole sentences of a content, in their order. A list's items without a sentence's end come along only where a sentence or a heading leads to them. */
export function readSentences(content: string): Sentence[] {
  const sentences: Sentence[] = []
  const blocks = readMarkdown(content)
  let heading = ''
  let itemsLeft = usesOfItem * blocks.length
  const following = (at: number) => {
    const items = itemsBehind(blocks, at, itemsLeft)
    itemsLeft -= items.length
    return { next: blocks[at + 1], items }
  }
  for (const [at, block] of blocks.entries()) {
    if (block.kind === 'heading') {
      heading = plain(block.text)
      for (const sentence of headed(block, following(at).items, heading)) sentences.push(sentence)
    }
    if (block.kind !== 'paragraph' && block.kind !== 'item') continue
    const pieces = sentencesOf(block, heading)
    for (const [number, piece] of pieces.entries()) {
      const previous = sentences.at(-1)
      if (number > 0 && previous !== undefined && isLeadIn(previous)) {
        sentences[sentences.length - 1] = together(previous, [piece], ' ')
      } else if (endMark.test(piece.text)) sentences.push(piece)
      else if (leadIn.test(piece.text)) {
        const isLast = number === pieces.length - 1
        for (const sentence of isLast ? led(piece, following(at), heading) : [piece]) sentences.push(sentence)
      }
    }
  }
  return sentences
    .filter(({ text }) => !leadIn.test(text) && !leftOver.test(text))
    .map((sentence) => ({ ...sentence, text: showMarks(sentence.text), heading: showMarks(sentence.heading) }))
}

/** One that has room for what it leads to. */
const isLeadIn = ({ text }: Sentence): boolean => text.length < longestSentence && leadIn.test(text.slice(-1))

/** All that a reader reads, sentence by sentence, those without an end's mark too: lines of a thread, the items of a list, headings. */
export function readPieces(content: string): Piece[] {
  let heading = ''
  return readMarkdown(content).flatMap((block) => {
    if (block.kind === 'break' || block.kind === 'code') return []
    if (block.kind === 'heading') heading = plain(block.text)
    return sentencesOf(block, heading, longestSentence).map((piece) => ({
      ...piece,
      text: showMarks(piece.text),
      heading: showMarks(piece.heading),
      kind: block.kind as Piece['kind'],
    }))
  })
}

/** A lead-in with what it leads to: a list, a line of code, or the first sentence of a paragraph; nothing where that can't be read aloud. */
function led(
  piece: Sentence,
  { next: first, items: behind }: { readonly next: Block | undefined; readonly items: readonly Block[] },
  heading: string,
): Sentence[] {
  if (first?.kind === 'code') {
    return whole(first, heading)
      .map((code) => closed(together(piece, [code], ' ')))
      .filter(isReadable)
  }
  if (first?.kind === 'paragraph') {
    const [sentence] = sentencesOf(first, heading)
    return sentence !== undefined && endMark.test(sentence.text) ? [together(piece, [sentence], ' ')] : []
  }
  const items = wholes(behind, heading)
  // The others are said by themselves.
  return areSentences(items) ? listed(piece, items).slice(0, 1) : listed(piece, items)
}

/** A heading with the list behind it, where its items are no sentences of their own. */
function headed(block: Block, behind: readonly Block[], heading: string): Sentence[] {
  const items = wholes(behind, heading)
  if (areSentences(items)) return []
  return whole(block, heading).flatMap((lead) => listed({ ...lead, text: `${withoutEnd(lead.text)}:` }, items))
}

function areSentences(items: readonly Sentence[]): boolean {
  return 2 * items.filter(({ text }) => endMark.test(text)).length >= items.length
}

/** A heading without the marks that it ends with. */
function withoutEnd(text: string): string {
  let end = text.length
  while (end > 0 && /[\s\p{P}]/u.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

function itemsBehind(blocks: readonly Block[], at: number, most: number): Block[] {
  let end = at + 1
  while (blocks[end]?.kind === 'item' && end - at <= most) end++
  return blocks.slice(at + 1, end)
}

function wholes(items: readonly Block[], heading: string): Sentence[] {
  return items.flatMap((block) => whole(block, heading))
}

/** `Three were added: a; b …`, and then `Three were added: … c.`: each with the place of its items. */
function listed(lead: Sentence, items: readonly Sentence[]): Sentence[] {
  const sentences: Sentence[] = []
  let from = 0
  while (from < items.length) {
    let count = Math.min(items.length - from, mostItems)
    const piece = () => {
      const some = items.slice(from, from + count)
      const start = from === 0 ? lead : { ...lead, text: `${lead.text} …`, start: some[0]?.start ?? lead.start }
      return closed(together(start, some, '; '), from + count < items.length ? ' …' : '.')
    }
    while (count > 1 && !isReadable(piece())) count--
    if (isReadable(piece())) sentences.push(piece())
    from += count
  }
  return sentences
}

function isReadable({ text }: Sentence): boolean {
  return text.length <= longestLed
}

function closed(sentence: Sentence, end = '.'): Sentence {
  return { ...sentence, text: sentence.text.replace(/[.;,]$/, '') + end }
}

function whole(block: Block, heading: string): Sentence[] {
  const text = plain(block.text)
  const place = placeOf(block, 0, block.text.length)
  return text === '' || place === undefined ? [] : [{ text, ...place, heading }]
}

function together(first: Sentence, others: readonly Sentence[], separator: string): Sentence {
  const rest = others.map(({ text }) => (separator === '; ' ? text.replace(/[.;,]$/, '') : text)).join(separator)
  return { ...first, text: `${first.text} ${rest}`, end: others.at(-1)?.end ?? first.end }
}

/** Those that are longer than `longest` in parts. */
function sentencesOf(block: Block, heading: string, longest = Number.POSITIVE_INFINITY): Sentence[] {
  const text = unwrapped(block.text)
  const spans = cutSentences(text).flatMap((span) => partsOf(text, span, longest))
  return spans.flatMap(({ start, end }) => {
    const place = placeOf(block, start, end)
    const text = plain(block.text.slice(start, end))
    return text === '' || place === undefined ? [] : [{ text, ...place, heading }]
  })
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Where the sentences of a text without line ends stand in it. */
function cutSentences(text: string): Span[] {
  const spans: { start: number; end: number }[] = []
  let open = false
  for (const { segment, index } of segmenter.segment(text)) {
    const last = spans.at(-1)
    if (open && last !== undefined) last.end = index + segment.length
    else spans.push({ start: index, end: index + segment.length })
    const current = spans.at(-1)
    const said = lastOf(text, current?.start ?? 0, current?.end ?? 0)
    const next = text.slice(current?.end, (current?.end ?? 0) + 20)
    // A line separator is an end whatever stands before it.
    open =
      (current?.end ?? 0) - (current?.start ?? 0) < longestSentence &&
      !/[\u2028\n]\s*$/.test(said) &&
      (abbreviation.test(said) ||
        initial.test(said) ||
        (/[!?…][\p{Pe}\p{Pf}"'*]*\s*$/u.test(said) && /^\p{Ll}/u.test(next)) ||
        (oftenLast.test(said) && /^[\p{Ll}\d(,]/u.test(next)))
  }
  return spans
}

/** A span, cut behind spaces where it is longer than that. */
function partsOf(text: string, { start, end }: Span, longest: number): Span[] {
  if (end - start <= longest) return [{ start, end }]
  const space = text.lastIndexOf(' ', start + longest - 1)
  const at = space > start ? space + 1 : start + longest
  return [{ start, end: at }, ...partsOf(text, { start: at, end }, longest)]
}

/** What tells whether a sentence ends here: no more of it is read, however long it has grown. A letter stands for all before. */
function lastOf(text: string, start: number, end: number): string {
  return end - start <= 100 ? text.slice(start, end) : `x${text.slice(end - 100, end)}`
}

/**
 * A line's end is a space where the text goes on; it is an end, a line separator here, where the next word would have had room on the
 * line and begins like a new one: lists without marks, addresses, the descriptions of videos.
 */
function unwrapped(text: string): string {
  if (!text.includes('\n')) return text
  const lines = text.split('\n')
  const width = lines.slice(0, -1).reduce((widest, line) => Math.max(widest, line.trimEnd().length), 0)
  return lines
    .map((line, at) => {
      const next = lines[at + 1]
      if (next === undefined) return line
      const [word = ''] = next.trimStart().split(/\s/, 1)
      const hadRoom = line.trimEnd().length + 1 + word.length + 10 < width
      const isNew = /^[^\p{Ll}(]/u.test(word) && !/[,;–-]\s*$/.test(line)
      return line + (hadRoom && isNew ? '\u2028' : ' ')
    })
    .join('')
}

function placeOf({ text, places }: Block, from: number, to: number): { start: number; end: number } | undefined {
  const piece = text.slice(from, to)
  const first = from + piece.length - piece.trimStart().length
  const last = from + piece.trimEnd().length - 1
  const [start, end] = [places[first], places[last]]
  return start === undefined || end === undefined || last < first ? undefined : { start, end: end + 1 }
}

function plain(text: string): string {
  return decodeEntities(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/ ([,.;:!?])(?=\s|$)/g, '$1')
}
