import type { Token, Tokens } from 'marked'
import { lex } from './lex.ts'

/** A text with the place in the original where each of its characters stands. */
interface PlacedText {
  readonly text: string
  readonly places: readonly number[]
}

/**
 * A piece of a document that is read as a whole: its text is what a reader sees, without markup; lines are still apart, and marks
 * inside code are hidden (`showMarks`).
 */
export interface Block extends PlacedText {
  /** `break`: something that is not read aloud, such as a table or code of several lines; it has no text. `code` is one line. */
  readonly kind: 'heading' | 'paragraph' | 'item' | 'code' | 'break'
}

/** `[^1]`, and `[^1]:` in front of the note itself; behind a sentence's mark also those of encyclopedias, `[12]` and `[citation needed]`. */
const footnoteMark =
  /\[\^[^\]\s]{1,200}\]:?|(?<=[.,;!?”"])(?:\[(?:\d{1,3}|[a-z]|note \d+|[a-z ]{3,30}\?|citation needed)\])+/g

/** Reads Markdown, or plain text, which is Markdown too, as a document. */
export function readMarkdown(source: string): Block[] {
  // As many characters as before, so that the places stay.
  const text = source.replace(/\r\n/g, ' \n').replace(/\r/g, '\n')
  const placed = { text, places: placesOf(text) }
  const tokens = lex(text)
  return tokens === undefined ? readPlain(placed) : [...readBlocks(tokens, placed, 'paragraph')]
}

/** As it stands: paragraphs with blank lines between them. */
function readPlain(source: PlacedText): Block[] {
  return [...source.text.matchAll(/[^\n]+(?:\n[^\n]+)*/g)]
    .filter(([text]) => text.trim() !== '')
    .map(({ 0: text, index }) => ({ ...cut(source, index, index + text.length), kind: 'paragraph' }))
}

function placesOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, place) => place)
}

function* readBlocks(tokens: readonly Token[], source: PlacedText, kind: 'paragraph' | 'item'): Generator<Block> {
  for (const { token, piece } of placeTokens(tokens, source)) {
    switch (token.type) {
      case 'heading':
      case 'paragraph':
      case 'text': {
        const { text, tokens = [] } = token as Tokens.Paragraph
        const read = joinTexts([...readInline(tokens, locate(piece, text))])
        yield { ...read, kind: token.type === 'heading' ? 'heading' : kind }
        break
      }
      case 'blockquote': {
        const quote = token as Tokens.Blockquote
        yield* readBlocks(quote.tokens, locate(piece, quote.text), kind)
        break
      }
      case 'list': {
        const { items } = token as Tokens.List
        for (const item of placeTokens(items, piece)) {
          yield* readBlocks(item.token.tokens, locate(item.piece, item.token.text), 'item')
        }
        break
      }
      case 'code': {
        const { text } = token as Tokens.Code
        const isLine = text.trim() !== '' && !text.trim().includes('\n')
        yield isLine
          ? { ...hideMarks(locate(piece, text.trim())), kind: 'code' }
          : { kind: 'break', text: '', places: [] }
        break
      }
      case 'space':
      case 'def':
        break
      default:
        yield { kind: 'break', text: '', places: [] }
    }
  }
}

function* readInline(tokens: readonly Token[], source: PlacedText): Generator<PlacedText> {
  for (const { token, piece } of placeTokens(tokens, source)) {
    switch (token.type) {
      case 'image':
      case 'html':
        break
      case 'br':
        yield { text: '\n', places: piece.places.slice(0, 1) }
        break
      case 'escape':
        yield locate(piece, (token as Tokens.Escape).text)
        break
      case 'codespan':
        yield hideMarks(locate(piece, (token as Tokens.Codespan).text))
        break
      default: {
        const { text, tokens: inner } = token as Tokens.Strong
        // A footnote whose note is one word looks like a link.
        if (token.type === 'link' && text.startsWith('^')) break
        if (inner === undefined) yield* withoutFootnoteMarks(piece)
        else if (token.type === 'link' && /^\w+:\/\/\S+$/.test(text)) yield hideMarks(locate(piece, text))
        else yield* readInline(inner, locate(piece, text))
      }
    }
  }
}

const hidden: Readonly<Record<string, string>> = { '.': '\ue000', '!': '\ue001', '?': '\ue002', ':': '\ue003' }
const shown = new Map(Object.entries(hidden).map(([mark, letter]) => [letter, mark]))

/** Marks that end a sentence in prose end none in code or in an address: `eprintln!` may stand in the middle. */
function hideMarks({ text, places }: PlacedText): PlacedText {
  return { text: text.replace(/[.!?:]/g, (mark) => hidden[mark] ?? mark), places }
}

/** The text of a block, or of a piece of one, with the marks of its code. */
export function showMarks(text: string): string {
  return text.replace(/[\ue000-\ue003]/g, (letter) => shown.get(letter) ?? letter)
}

function* withoutFootnoteMarks(piece: PlacedText): Generator<PlacedText> {
  let from = 0
  for (const { 0: mark, index } of piece.text.matchAll(footnoteMark)) {
    yield cut(piece, from, index)
    from = index + mark.length
  }
  yield cut(piece, from, piece.text.length)
}

/** Tokens follow each other in their source, where each has its `raw`. */
function* placeTokens<Each extends Token>(
  tokens: readonly Each[],
  source: PlacedText,
): Generator<{ token: Each; piece: PlacedText }> {
  let from = 0
  for (const token of tokens) {
    const at = source.text.indexOf(token.raw, from)
    // The lexer has changed it, such as a tab into spaces: whatever begins here.
    const start = at === -1 ? from : at
    const end = Math.min(source.text.length, start + token.raw.length)
    const piece = at === -1 ? align(token.raw, cut(source, start, end)) : cut(source, start, end)
    yield { token, piece }
    from = end
  }
}

/** A text inside a piece: as it stands, or line by line, where each line of the piece has something in front (`> `, an indent). */
function locate(piece: PlacedText, text: string): PlacedText {
  // Code over two lines has a space for the line's end.
  const at = piece.text.replace(/\s/g, ' ').indexOf(text.replace(/\s/g, ' '))
  return at === -1 ? align(text, piece) : cut(piece, at, at + text.length)
}

function align(text: string, piece: PlacedText): PlacedText {
  const places: number[] = []
  let lineStart = 0
  const outer = piece.text.split('\n')
  for (const [number, line] of text.split('\n').entries()) {
    const wholeLine = outer[number] ?? ''
    const indent = Math.max(0, wholeLine.lastIndexOf(line))
    for (let at = 0; at <= line.length; at++) {
      places.push(piece.places[Math.min(lineStart + indent + at, piece.places.length - 1)] ?? 0)
    }
    lineStart = Math.min(lineStart + wholeLine.length + 1, piece.text.length)
  }
  return { text, places: places.slice(0, text.length) }
}

function cut({ text, places }: PlacedText, start: number, end: number): PlacedText {
  return { text: text.slice(start, end), places: places.slice(start, end) }
}

function joinTexts(texts: readonly PlacedText[]): PlacedText {
  return { text: texts.map(({ text }) => text).join(''), places: texts.flatMap(({ places }) => places) }
}
