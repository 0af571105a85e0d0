import type { Problem } from './fetched.ts'

export interface FetchRequest {
  /** GET by default. */
  readonly method?: string
  /** Of the caller's; only harmless ones go on to another origin. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** What the last answer carried: sent as If-None-Match and If-Modified-Since. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** `manual` gives a redirect back as a problem, with its `location` header. */
  readonly redirect?: 'follow' | 'manual'
  readonly maxBytes?: number
  /** Take the first `maxBytes` of a longer body, instead of refusing it. */
  readonly cut?: boolean
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** Asked before every hop, the first and each redirect's; its time is not counted. */
  readonly enterHop?: EnterHop
}

/** Says no, or gives leave; `leave` is called when the hop is over, with the server's own wish for a pause. */
export type EnterHop = (url: URL, signal: AbortSignal) => Promise<Problem | { leave(pauseMs?: number): void }>
