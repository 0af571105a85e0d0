import type { ReceiptPart } from '../receipts/receipt-id.ts'
import type { SearchResult } from '../search/search.ts'

/** An extracted sentence with its ground: a piece of a content's text, or one of its other fields. */
export interface Extracted {
  readonly text: string
  readonly passage: SearchResult
  readonly contentHash: string
  /** The text there, as it is stored. */
  readonly source: string
  /** UTF-16 units of the content's text; 0 and 0 for a field. */
  readonly start: number
  readonly end: number
  readonly part: ReceiptPart
}
