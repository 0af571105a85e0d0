import type { patternTypes } from '@extropy/db'

/** Words of a content that a pattern was seen in. */
export interface Quote {
  /** UTF-16 units of the content's body. */
  readonly start: number
  readonly end: number
  readonly text: string
  /** The passage that it stands in; null where none has it whole. */
  readonly passageId?: string | null
}

/** What one content has to do with a pattern. */
export interface Evidence {
  readonly contentId: string
  /** 0 to 1: its own share in the pattern's confidence. */
  readonly strength: number
  readonly quotes: Quote[]
  /** Of a step of an elaboration: the content that it grew out of, */
  readonly from?: string
  /** how much longer it is, */
  readonly growth?: number
  /** its phrases that the older one does not have, */
  readonly added?: string[]
  /** and which sentences of the older one it says again. */
  readonly kept?: { readonly older: Quote; readonly newer: Quote; readonly strength: number }[]
}

export interface FoundPattern {
  /** The same for the same facts, in every run. */
  readonly id: string
  readonly type: (typeof patternTypes)[number]
  readonly description: string
  readonly confidenceScore: number
  readonly method: string
  readonly version: number
  /** Of an elaboration the oldest first. */
  readonly evidence: Evidence[]
}

/** Raised with every change of a method: authors' patterns of other versions are found anew. */
export const patternsVersion = 1

export const round = (value: number): number => Math.round(value * 1000) / 1000

export const quoteOf = ({ text, start, end }: { text: string; start: number; end: number }): Quote => ({
  start,
  end,
  text: text.length > 300 ? `${text.slice(0, 299)}…` : text,
})
