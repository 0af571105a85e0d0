import type { NamespaceCounters } from './stats.ts'

/** How long a value may be used. Local time, milliseconds. */
export interface Lifetime {
  /** When the value was read from its source. */
  readonly createdAt: number
  /** Served without a second thought before this. */
  readonly freshUntil: number
  /** Served while it is refreshed before this. */
  readonly staleUntil: number
}

/** The memory tier's record of a key. A class, so that all entries share one shape and a hit stays monomorphic. */
export class Entry implements Lifetime {
  readonly value: unknown
  readonly tags: readonly string[]
  /** The invalidation sequence before the value was read. */
  readonly seq: number
  /** The invalidation sequence up to which this entry was last found current: equal numbers make a hit need no look at tags. */
  checkedSeq: number
  readonly createdAt: number
  readonly freshUntil: number
  readonly staleUntil: number
  /** No refresh before this: the last one failed. */
  retryAt = 0
  readonly bytes: number
  readonly counters: NamespaceCounters

  constructor(
    value: unknown,
    tags: readonly string[],
    seq: number,
    lifetime: Lifetime,
    bytes: number,
    counters: NamespaceCounters,
  ) {
    this.value = value
    this.tags = tags
    this.seq = seq
    this.checkedSeq = seq
    // Whole numbers: V8 keeps them in the object, while each fraction is an object of its own, and a cache miss on every hit.
    this.createdAt = Math.floor(lifetime.createdAt)
    this.freshUntil = Math.floor(lifetime.freshUntil)
    this.staleUntil = Math.floor(lifetime.staleUntil)
    this.bytes = bytes
    this.counters = counters
  }
}
