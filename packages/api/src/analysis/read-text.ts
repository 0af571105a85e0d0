import { type Piece, readPieces } from '../document/sentences.ts'
import { detectLanguage } from '../language/language.ts'
import type { Span } from './finding.ts'

/** Beyond it a text is not read: a book's first pages say what it is about, and no single content keeps a thread for long. */
export const mostCharacters = 60_000

export interface GivenText {
  readonly title: string
  readonly body: string
  /** ISO 639-1; null where nobody has said. */
  readonly language?: string | null | undefined
}

/** A content as all methods read it. */
export interface ReadText {
  readonly title: string
  /** Null where nobody can tell; methods then take it for English. */
  readonly language: string | null
  /** In their order; headings are among them. */
  readonly pieces: readonly Piece[]
  /** Whether the body was cut at `mostCharacters`. */
  readonly isCut: boolean
}

export function readText({ title, body, language }: GivenText): ReadText {
  const isCut = body.length > mostCharacters
  const pieces = readPieces(isCut ? body.slice(0, mostCharacters) : body)
  const prose = pieces.map(({ text }) => text).join(' ')
  return { title, language: language ?? detectLanguage(`${title} ${prose}`), pieces, isCut }
}

export const isEnglish = ({ language }: ReadText): boolean => language === null || language === 'en'

export const spanOf = ({ start, end }: { readonly start: number; readonly end: number }): Span => ({
  part: 'body',
  start,
  end,
})

/** A part of a piece; the whole piece where markup stands inside of it, since its own places then differ. */
export function spanWithin(piece: Piece, from: number, to: number): Span {
  const isPlain = piece.end - piece.start === piece.text.length
  return isPlain ? spanOf({ start: piece.start + from, end: piece.start + to }) : spanOf(piece)
}
