import { EventEmitter } from 'node:events'
import type { Invalid } from './channel.ts'

/** The reason why an entry left the memory tier. */
export type EvictionCause = 'entries' | 'bytes' | 'expired' | 'invalidated' | 'cleared' | 'oversize'

/** How far an invalidation had reached when its promise was kept: see "Why a stale answer cannot be served" in the README. */
export type Reach = 'everywhere' | 'local'

/** The events of `cache.events`. Hits and misses are counted in `stats()`, not emitted: they are too many. */
export interface CacheEvents {
  evict: [event: { readonly key: string; readonly cause: EvictionCause }]
  /** `hasStale`: an older value may still be served. */
  loadFailure: [event: { readonly key: string; readonly error: unknown; readonly hasStale: boolean }]
  /** A load's result was returned, but not stored: something it depends on was invalidated after it had begun. */
  refused: [event: { readonly key: string; readonly tags: readonly string[] }]
  invalidate: [event: { readonly what: Invalid; readonly reach: Reach }]
  /** Another instance, or a program without a cache, has told of an invalidation; `all` is also for those that may have been missed. */
  heard: [event: { readonly what: Invalid }]
  /** The shared store can be used, or no longer can. */
  shared: [event: { readonly state: 'online' | 'offline'; readonly cause?: unknown }]
  breaker: [event: { readonly state: 'open' | 'half-open' | 'closed' }]
  /** Something failed that no reader noticed. */
  sharedFailure: [event: { readonly operation: string; readonly error: unknown }]
}

export type CacheEmitter = EventEmitter<CacheEvents>

/** An emitter whose listeners cannot break a read: a listener's error becomes a process warning. */
export function createEvents(): CacheEmitter {
  const events: CacheEmitter = new EventEmitter()
  const emit = events.emit.bind(events) as (...all: unknown[]) => boolean
  events.emit = (...all: unknown[]) => {
    try {
      return emit(...all)
    } catch (error) {
      process.emitWarning(`A listener of the cache event "${all[0]}" threw: ${String(error)}`, 'CacheListenerWarning')
      return true
    }
  }
  return events
}
