/** Handed to a loader. */
export interface LoadContext {
  readonly key: string
  /** Aborted at the deadline, and when every caller has left. */
  readonly signal: AbortSignal
}

export type Loader<T> = (context: LoadContext) => T | Promise<T>

/** Milliseconds; defaults are the cache's own. */
export interface ReadOptions<T> {
  /** How long the value is used. 0 or less: not kept. A function sees the value. */
  readonly ttlMs?: number | ((value: T) => number)
  /** For how long after its TTL the value is served while it is refreshed. */
  readonly staleMs?: number
  /** The names of the value's dependencies. A function sees the value: for tags that are known only from the result. */
  readonly tags?: readonly string[] | ((value: T) => readonly string[])
  /** The counters that count this read. Default `default`. Use a handful of constants: they are kept for good. */
  readonly namespace?: string
  /** The caller's own: it gets a rejection when this aborts, while the load goes on for others. */
  readonly signal?: AbortSignal
  /** Filled in by the read with the way it was answered. */
  readonly trace?: ReadTrace
}

/** The reason behind a read's answer. */
export type ReadCause =
  /** A hit: in memory, or in the shared store. */
  | 'fresh'
  | 'shared'
  /** Stale: its refresh is under way, or has just failed and will be tried again. */
  | 'refreshing'
  | 'backoff'
  /** A miss: never seen or evicted; too old; invalidated; loaded by another caller's flight; out of touch with the other instances. */
  | 'absent'
  | 'expired'
  | 'invalidated'
  | 'joined'
  | 'untrusted'

/** A mutable record for the caller's own use, one for each read. */
export interface ReadTrace {
  status?: 'hit' | 'stale' | 'miss'
  cause?: ReadCause
  /** How long ago the value was read from its source. */
  ageMs?: number
  tags?: readonly string[]
}
