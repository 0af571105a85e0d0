import type { Line } from '@extropy/api'

/** What is read for ingest, and how far. */
export interface IngestSource {
  readonly lines: AsyncIterable<Line>
  /** Undefined where nobody knows. */
  readonly totalBytes: number | undefined
  bytesRead(): number
  /** What else there is to say at the end. */
  closing(): readonly string[]
}
