import type { EvictionCause } from './events.ts'

/** Counters of one namespace, alive: each entry holds on to its own, so that a hit costs one increment. */
export interface NamespaceCounters {
  hits: number
  staleHits: number
  misses: number
  stores: number
  loads: number
  loadFailures: number
  /** Results not stored, because something they depend on was invalidated while they were loaded. */
  refused: number
  inFlight: number
  entries: number
  bytes: number
  evictions: Record<EvictionCause, number>
}

/** Counters of the shared store. Every figure counts from the start of this instance. */
export interface SharedCounters {
  hits: number
  misses: number
  stores: number
  refused: number
  failures: number
  timeouts: number
  /** Reads and writes not even tried, because the breaker was open or the store out of reach. */
  skipped: number
  /** Loads that another instance did for this one. */
  followed: number
  /** Times the lease or the connection was lost, each of which empties the memory tier. */
  lapses: number
  messages: number
}

export interface SharedStats extends SharedCounters {
  readonly state: 'online' | 'offline'
  readonly breaker: 'open' | 'half-open' | 'closed'
  /** Invalidations that the store has not heard of yet. */
  readonly pending: number
}

export interface CacheStats extends NamespaceCounters {
  /** Hits and stale hits among all reads, 0–1; 0 before the first read. */
  readonly hitRate: number
  /** False while invalidations may pass unheard: then nothing is answered from the cache. */
  readonly inTouch: boolean
  readonly maxEntries: number
  readonly maxBytes: number
  /** Tags whose last invalidation is remembered. */
  readonly marks: number
  readonly namespaces: Readonly<Record<string, Readonly<NamespaceCounters>>>
  readonly shared?: SharedStats
}

export function createCounters(): NamespaceCounters {
  return {
    hits: 0,
    staleHits: 0,
    misses: 0,
    stores: 0,
    loads: 0,
    loadFailures: 0,
    refused: 0,
    inFlight: 0,
    entries: 0,
    bytes: 0,
    evictions: { entries: 0, bytes: 0, expired: 0, invalidated: 0, cleared: 0, oversize: 0 },
  }
}

/** The sum over all namespaces. */
export function sumCounters(all: Iterable<NamespaceCounters>): NamespaceCounters {
  const sum = createCounters()
  for (const each of all) {
    for (const name of Object.keys(sum) as (keyof NamespaceCounters)[])
      if (name !== 'evictions') sum[name] += each[name]
    for (const cause of Object.keys(sum.evictions) as EvictionCause[]) sum.evictions[cause] += each.evictions[cause]
  }
  return sum
}
