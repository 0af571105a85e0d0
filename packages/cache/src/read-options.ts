import type { SharedSnapshot } from './shared/shared-tier.ts'

/** Handed to a loader. */
export interface LoadContext {
  readonly key: string
  /** Aborted at the deadline, and when every caller has left. */
  readonly signal: AbortSignal
}

export type Loader<T> = (context: LoadContext) => T | Promise<T>

/** How long a value is used. Milliseconds; defaults are the cache's own. */
export interface StoreOptions<T> {
  /** 0 or less: not stored. A function sees the value. */
  readonly ttlMs?: number | ((value: T) => number)
  readonly staleMs?: number
  readonly staleIfErrorMs?: number
  /** For `undefined` and `null`, instead of `ttlMs`. */
  readonly negativeTtlMs?: number
  /** What the value depends on. A function sees the value: for tags that are known only from the result. */
  readonly tags?: readonly string[] | ((value: T) => readonly string[])
  /** Whose counters this read counts in. Default `default`. Use a handful of constants: they are kept for good. */
  readonly namespace?: string
}

export interface ReadOptions<T> extends StoreOptions<T> {
  /** The caller's own: it gets a rejection when this aborts, while the load goes on for others. */
  readonly signal?: AbortSignal
  /** Filled in by the read: how it was answered. */
  readonly trace?: ReadTrace
}

export interface SetOptions<T> extends StoreOptions<T> {
  /** When the value was read from its source: `cache.snapshot()`, taken before. Default: now. */
  readonly asOf?: Snapshot
}

/** A place in the order of invalidations. Take it before you read; a value stored as of it is refused if that was too early. */
export interface Snapshot {
  readonly seq: number
  readonly shared: SharedSnapshot | undefined
}

/** Why a read was answered as it was. */
export type ReadCause =
  /** A hit: in memory, or in the shared store. */
  | 'fresh'
  | 'shared'
  /** Stale: its refresh is under way; has just failed in the background and will be tried again; or failed in this very read. */
  | 'refreshing'
  | 'backoff'
  | 'error'
  /** A miss: never seen or evicted; too old; invalidated; loaded by another caller's flight. */
  | 'absent'
  | 'expired'
  | 'invalidated'
  | 'joined'

/** A mutable record for the caller's own use, one for each read. */
export interface ReadTrace {
  status?: 'hit' | 'stale' | 'miss'
  cause?: ReadCause
  /** How long ago the value was read from its source. */
  ageMs?: number
  tags?: readonly string[]
}
