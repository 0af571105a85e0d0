import { confidenceOf, type Finding } from './finding.ts'
import { isEnglish, type ReadText, spanOf } from './read-text.ts'

/** A reason to see something in a sentence, and how often it alone is right. */
export type Cue = readonly [strength: number, pattern: RegExp]

export interface CuedOptions {
  readonly cues: readonly Cue[]
  readonly method: string
  readonly version: number
  readonly most: number
  readonly least?: number
  /** Counts with the cues, by the sentence's place in the text, 0 to 1. */
  readonly placeFactor?: (place: number) => number
}

const longestValue = 300

/** Sentences that have one of the cues, the surest first; each is a finding with the sentence as its value. */
export function findCued(
  text: ReadText,
  { cues, method, version, most, least = 0.5, placeFactor }: CuedOptions,
): Finding[] {
  if (!isEnglish(text)) return []
  const found = new Map<string, Finding & { readonly at: number }>()
  for (const [at, piece] of text.pieces.entries()) {
    const line = piece.text.toLowerCase().replaceAll('’', "'")
    if (piece.kind === 'heading' || line.split(' ').length < 3) continue
    const rest = cues.reduce((left, [strength, pattern]) => (pattern.test(line) ? left * (1 - strength) : left), 1)
    const factor = placeFactor?.(at / Math.max(1, text.pieces.length - 1)) ?? 1
    const confidence = confidenceOf((1 - rest) * factor)
    if (confidence < least || found.has(line)) continue
    const value = piece.text.length > longestValue ? `${piece.text.slice(0, longestValue - 1)}…` : piece.text
    found.set(line, { value, confidence, spans: [spanOf(piece)], method, version, at })
  }
  return [...found.values()]
    .sort((a, b) => b.confidence - a.confidence || a.at - b.at)
    .slice(0, most)
    .map(({ at: _, ...finding }) => finding)
}
