import type { Entry, Lifetime } from './entry.ts'
import type { CacheEmitter } from './events.ts'
import { Flight, type Loaded } from './flight.ts'
import type { MemoryTier } from './memory-tier.ts'
import type { ResolvedOptions } from './options.ts'
import type { Loader, ReadOptions } from './read-options.ts'
import type { Found, SharedEntries } from './shared/shared-entries.ts'
import type { Spans } from './shared/wire.ts'

/** The pause after a failed refresh of a key: meanwhile the old value is served where it may be. */
const retryAfterMs = 1_000
/** A year: `Infinity` would make ages and expiry times that no store can take. */
const maxTtlMs = 365 * 24 * 3_600_000

export interface LoadsOptions {
  readonly options: ResolvedOptions
  readonly memory: MemoryTier
  readonly events: CacheEmitter
  readonly sharedEntries: SharedEntries | undefined
  /** False while invalidations may pass unheard. */
  readonly isInTouch: () => boolean
}

interface Keep {
  readonly key: string
  readonly value: unknown
  readonly tags: readonly string[]
  /** The invalidation sequence before the value was read. */
  readonly seq: number
  readonly spans: Spans
  readonly namespace: string | undefined
}

/** The loads under way, and the storing of their results. */
export class Loads {
  readonly #options: ResolvedOptions
  readonly #memory: MemoryTier
  readonly #events: CacheEmitter
  readonly #sharedEntries: SharedEntries | undefined
  readonly #isInTouch: () => boolean
  /** The last one begun, or to begin, of each key. */
  readonly #flights = new Map<string, Flight>()
  #closed = false

  constructor({ options, memory, events, sharedEntries, isInTouch }: LoadsOptions) {
    this.#options = options
    this.#memory = memory
    this.#events = events
    this.#sharedEntries = sharedEntries
    this.#isInTouch = isInTouch
  }

  /**
   * A load of this key that a new caller may wait for: one under way, unless a known dependency of it was invalidated since it
   * began. Out of touch, invalidations are unknown: then only a load that has not begun.
   */
  joinable(key: string): Flight | undefined {
    const flight = this.#flights.get(key)
    if (flight?.seq === undefined) return flight
    return this.#isInTouch() && this.#memory.marks.isCurrent(flight.seq, flight.tags ?? []) ? flight : undefined
  }

  /** A load of this key that began when the invalidation sequence stood at `seq` or later, or is still to begin. */
  since(key: string, seq: number): Flight | undefined {
    const flight = this.#flights.get(key)
    return flight?.seq === undefined || flight.seq >= seq ? flight : undefined
  }

  /**
   * Begins a load; out of touch, after the one that is under way, so that a source of trouble is not asked by everyone at
   * once. `old` is served meanwhile.
   */
  start<T>(key: string, loader: Loader<T>, options: ReadOptions<T>, old?: Entry): Flight {
    const counters = this.#memory.countersOf(options.namespace)
    counters.inFlight += 1
    const before = this.#isInTouch() ? undefined : this.#flights.get(key)
    const flight = new Flight({
      key,
      tags: typeof options.tags === 'function' ? undefined : options.tags,
      clock: this.#options.clock,
      loadTimeoutMs: this.#options.loadTimeoutMs,
      run: (self) => this.#fly(self, loader, options, before),
      onSettled: (self) => {
        counters.inFlight -= 1
        if (this.#flights.get(key) === self) this.#flights.delete(key)
      },
      onFailed: (error) => {
        counters.loadFailures += 1
        if (old !== undefined) old.retryAt = this.#options.clock.now() + retryAfterMs
        this.#events.emit('loadFailure', { key, error, hasStale: old !== undefined })
      },
    })
    this.#flights.set(key, flight)
    return flight
  }

  async #fly<T>(flight: Flight, loader: Loader<T>, options: ReadOptions<T>, before?: Flight): Promise<Loaded> {
    const { key, signal } = flight
    if (before !== undefined) await before.over
    const { seq } = this.#memory.marks
    flight.begin(seq)
    const sharing = await (this.#isInTouch() ? this.#sharedEntries?.begin(key, () => flight.settled) : undefined)
    const counters = this.#memory.countersOf(options.namespace)
    if (sharing?.found !== undefined) {
      if (!flight.settled) this.#keepFound(key, sharing.found, seq, options.namespace)
      return { ...sharing.found, seq, shared: true }
    }
    if (flight.settled) {
      // Everyone left while this instance asked the shared store.
      sharing?.giveUp()
      throw signal.reason
    }
    counters.loads += 1
    let stored = false
    try {
      const value = await loader({ key, signal })
      const { tags = [] } = options
      const own = typeof tags === 'function' ? tags(value) : tags
      const spans = this.#spansOf(value, options)
      // After the deadline, nobody knows of this load any more.
      if (!flight.settled && this.#keep({ key, value, tags: own, seq, spans, namespace: options.namespace })) {
        stored = sharing?.store(value, own, spans) ?? false
      }
      if (!flight.settled && spans.ttlMs === 0) this.#forgetOlder(key, own, seq)
      return { value, tags: own, seq, shared: false, createdAt: this.#options.clock.now() }
    } finally {
      if (!stored) sharing?.giveUp()
    }
  }

  /** Drops the older value after a load whose result must not be kept: that value is no longer the answer. */
  #forgetOlder(key: string, tags: readonly string[], seq: number): void {
    if (this.#memory.marks.isCurrent(seq, tags)) this.#memory.store.delete(key, 'expired')
  }

  /** Stores in memory a value found in the shared store. */
  #keepFound(key: string, found: Found, seq: number, namespace: string | undefined): void {
    if (!this.#mayKeep()) return
    this.#memory.keep({ key, seq, counters: this.#memory.countersOf(namespace), ...found })
  }

  /** Stores a value in memory. True where it may be stored elsewhere too. */
  #keep({ key, value, tags, seq, spans, namespace }: Keep): boolean {
    if (spans.ttlMs <= 0 || !this.#mayKeep()) return false
    const counters = this.#memory.countersOf(namespace)
    return this.#memory.keep({ key, value, tags, seq, counters, ...this.#lifetime(spans) })
  }

  #mayKeep(): boolean {
    return !this.#closed && this.#isInTouch()
  }

  #lifetime({ ttlMs, staleMs }: Spans): Lifetime {
    const createdAt = this.#options.clock.now()
    const freshUntil = createdAt + ttlMs
    return { createdAt, freshUntil, staleUntil: freshUntil + staleMs }
  }

  /** How long the value is to be used, by its own options or the cache's. */
  #spansOf<T>(value: T, options: ReadOptions<T>): Spans {
    const defaults = this.#options
    const ttlMs = typeof options.ttlMs === 'function' ? options.ttlMs(value) : (options.ttlMs ?? defaults.ttlMs)
    return { ttlMs: ttlMs > 0 ? Math.min(ttlMs, maxTtlMs) : 0, staleMs: options.staleMs ?? defaults.staleMs }
  }

  /** Nothing is stored from now on. */
  close(): void {
    this.#closed = true
  }
}
