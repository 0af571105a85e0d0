import type { Entry, Lifetime } from './entry.ts'
import type { CacheEmitter } from './events.ts'
import { Flight, type Loaded } from './flight.ts'
import type { MemoryTier } from './memory-tier.ts'
import type { ResolvedOptions } from './options.ts'
import type { Loader, ReadOptions, StoreOptions } from './read-options.ts'
import type { Found, SharedEntries } from './shared/shared-entries.ts'
import type { SharedTier } from './shared/shared-tier.ts'
import type { Spans } from './shared/wire.ts'

/** After a failed refresh, the source is left alone this long for the key, and the old value is served where it may be. */
const RETRY_AFTER_MS = 1_000
/** A year: `Infinity` would make ages and expiry times that no store can take. */
const MAX_TTL_MS = 365 * 24 * 3_600_000

export interface LoadsOptions {
  readonly options: ResolvedOptions
  readonly memory: MemoryTier
  readonly events: CacheEmitter
  readonly shared: SharedTier | undefined
  readonly sharedEntries: SharedEntries | undefined
}

interface Keep {
  readonly key: string
  readonly value: unknown
  readonly tags: readonly string[]
  /** The invalidation sequence before the value was read. */
  readonly seq: number
  readonly spans: Spans
  readonly startedAt: number
  readonly namespace: string | undefined
}

/** What is being loaded, and what becomes of it. */
export class Loads {
  readonly #options: ResolvedOptions
  readonly #memory: MemoryTier
  readonly #events: CacheEmitter
  readonly #shared: SharedTier | undefined
  readonly #sharedEntries: SharedEntries | undefined
  readonly #flights = new Map<string, Flight>()
  #closed = false

  constructor({ options, memory, events, shared, sharedEntries }: LoadsOptions) {
    this.#options = options
    this.#memory = memory
    this.#events = events
    this.#shared = shared
    this.#sharedEntries = sharedEntries
  }

  /** The load of this key that is under way, unless something that it is known to depend on was invalidated since it began. */
  current(key: string): Flight | undefined {
    const flight = this.#flights.get(key)
    return flight !== undefined && this.#memory.marks.isCurrent(flight.seq, key, flight.tags ?? []) ? flight : undefined
  }

  /** The load of this key that is under way, if it began when the invalidation sequence stood at `seq`, or later. */
  since(key: string, seq: number): Flight | undefined {
    const flight = this.#flights.get(key)
    return flight !== undefined && flight.seq >= seq ? flight : undefined
  }

  /** Begins a load, whatever else is under way for the key. `old` may be served where it fails. */
  start<T>(key: string, loader: Loader<T>, options: ReadOptions<T>, old: Entry | undefined): Flight {
    const counters = this.#memory.countersOf(options.namespace)
    counters.inFlight += 1
    const flight = new Flight({
      key,
      seq: this.#memory.marks.seq,
      tags: typeof options.tags === 'function' ? undefined : options.tags,
      clock: this.#options.clock,
      loadTimeoutMs: this.#options.loadTimeoutMs,
      run: (self) => this.#fly(self, loader, options),
      onSettled: (self) => {
        counters.inFlight -= 1
        if (this.#flights.get(key) === self) this.#flights.delete(key)
      },
      onFailed: (error) => {
        counters.loadFailures += 1
        if (old !== undefined) old.retryAt = this.#options.clock.now() + RETRY_AFTER_MS
        this.#events.emit('loadFailure', { key, error, hasStale: old !== undefined })
      },
    })
    this.#flights.set(key, flight)
    return flight
  }

  async #fly<T>(flight: Flight, loader: Loader<T>, options: ReadOptions<T>): Promise<Loaded> {
    const { key, seq, signal } = flight
    const startedAt = this.#options.clock.now()
    const sharing = await this.#sharedEntries?.begin(key, () => flight.settled)
    const counters = this.#memory.countersOf(options.namespace)
    if (sharing?.found !== undefined) {
      if (!flight.settled) this.keepFound(key, sharing.found, seq, options.namespace)
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
      const tags = tagsOf(value, options)
      const spans = this.spansOf(value, options)
      // After the deadline, nobody knows of this load any more.
      if (!flight.settled && this.keep({ key, value, tags, seq, spans, startedAt, namespace: options.namespace })) {
        stored = sharing?.store(value, tags, spans) ?? false
      }
      if (!flight.settled && spans.ttlMs === 0) this.#forgetOlder(key, tags, seq)
      return { value, tags, seq, shared: false, createdAt: this.#options.clock.now() }
    } finally {
      if (!stored) sharing?.giveUp()
    }
  }

  /** A load has brought what is not to be kept: what it was to replace is not the answer any more. A `set` meanwhile is. */
  #forgetOlder(key: string, tags: readonly string[], seq: number): void {
    if (this.#memory.marks.isCurrent(seq, key, tags)) this.#memory.store.delete(key, 'expired')
  }

  /** Stores in memory what the shared store had. */
  keepFound(key: string, found: Found, seq: number, namespace: string | undefined): void {
    if (!this.#closed) this.#memory.keep({ key, seq, counters: this.#memory.countersOf(namespace), ...found })
  }

  /** Stores a value in memory. True where it may be stored elsewhere too. */
  keep({ key, value, tags, seq, spans, startedAt, namespace }: Keep): boolean {
    if (spans.ttlMs <= 0 || this.#closed) return false
    const lifetime = this.#lifetime(spans, startedAt)
    if (lifetime.freshUntil <= lifetime.createdAt) return false
    return this.#memory.keep({ key, value, tags, seq, counters: this.#memory.countersOf(namespace), ...lifetime })
  }

  #lifetime({ ttlMs, staleMs, graceMs }: Spans, startedAt: number): Lifetime {
    const { clock, sharing } = this.#options
    const createdAt = clock.now()
    const freshUntil = createdAt + ttlMs
    if (this.#shared === undefined || this.#shared.online) {
      return { createdAt, freshUntil, staleUntil: freshUntil + staleMs, graceUntil: freshUntil + graceMs }
    }
    // Out of reach of the store, nobody can say what was invalidated elsewhere: only for a moment, and nothing stale.
    const until = Math.min(freshUntil, startedAt + sharing.offlineTtlMs)
    return { createdAt, freshUntil: until, staleUntil: until, graceUntil: until }
  }

  /** How long the value is to be used, by its own options or the cache's. */
  spansOf<T>(value: T, options: StoreOptions<T>): Spans {
    const defaults = this.#options
    const asked = typeof options.ttlMs === 'function' ? options.ttlMs(value) : (options.ttlMs ?? defaults.ttlMs)
    const absent = value === undefined || value === null
    const ttlMs = absent ? (options.negativeTtlMs ?? defaults.negativeTtlMs) : asked
    return {
      ttlMs: ttlMs > 0 ? Math.min(ttlMs, MAX_TTL_MS) * (1 - defaults.jitter * defaults.random()) : 0,
      staleMs: options.staleMs ?? defaults.staleMs,
      graceMs: options.staleIfErrorMs ?? defaults.staleIfErrorMs,
    }
  }

  /** Nothing is stored from now on. */
  close(): void {
    this.#closed = true
  }
}

export function tagsOf<T>(value: T, { tags = [] }: StoreOptions<T>): readonly string[] {
  return typeof tags === 'function' ? tags(value) : tags
}
