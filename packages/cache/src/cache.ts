import type { Invalid, InvalidationChannel } from './channel.ts'
import { coarseNow, systemClock } from './clock.ts'
import type { Entry } from './entry.ts'
import { type CacheEmitter, createEvents, type Reach } from './events.ts'
import { Loads } from './loads.ts'
import { MemoryTier } from './memory-tier.ts'
import type { ResolvedOptions } from './options.ts'
import type { Loader, ReadCause, ReadOptions, ReadTrace } from './read-options.ts'
import { SharedEntries } from './shared/shared-entries.ts'
import { SharedTier } from './shared/shared-tier.ts'
import { type CacheStats, sumCounters } from './stats.ts'

const noOptions = {}

/** Made by `createCache`. */
export class Cache {
  readonly events: CacheEmitter = createEvents()
  readonly #options: ResolvedOptions
  readonly #memory: MemoryTier
  readonly #loads: Loads
  readonly #shared: SharedTier | undefined
  readonly #channel: InvalidationChannel | undefined
  /** The clock that a hit reads: exact where leases must be kept, coarse otherwise. */
  readonly #hitClock: () => number
  #cancelSweep = (): void => undefined

  constructor(options: ResolvedOptions) {
    this.#options = options
    this.#memory = new MemoryTier(options, this.events)
    this.#channel = options.channel
    const { clock } = options
    this.#hitClock = clock === systemClock && options.shared === undefined ? coarseNow : () => clock.now()
    if (options.shared !== undefined) {
      this.#shared = new SharedTier({
        ...options.sharing,
        store: options.shared,
        clock: options.clock,
        events: this.events,
        onInvalidation: (what) => this.#apply(what),
        onReset: () => this.#apply('all'),
        onJoin: (epoch) => this.#channel?.join?.(epoch),
      })
    }
    this.#loads = new Loads({
      options,
      memory: this.#memory,
      events: this.events,
      sharedEntries: this.#shared && new SharedEntries(this.#shared, options),
      isInTouch: () => this.#isInTouch(clock.now()),
    })
    if (options.sweepMs > 0) this.#scheduleSweep()
  }

  /**
   * The cached value, or the loader's. A hit in memory is answered at once, without a promise; everything else is a promise.
   * Any number of concurrent misses on a key share one load. Rejects with the loader's error, with a `LoadTimeoutError`, or
   * with the reason of the caller's own `signal`. A value is shared by everyone who reads it: treat it as read-only.
   *
   * @example const card = await cache.getOrSet(`card:${id}`, () => getCard(db, id), { ttlMs: 60_000, tags: [`card:${id}`] })
   */
  getOrSet<T>(key: string, loader: Loader<T>, options: ReadOptions<T> = noOptions): T | Promise<T> {
    const entry = this.#memory.store.get(key)
    if (entry !== undefined && this.#isHit(entry)) {
      entry.counters.hits += 1
      if (options.trace !== undefined) this.#trace(options.trace, 'hit', 'fresh', entry)
      return entry.value as T
    }
    return this.#read(key, entry, loader, options)
  }

  /** The value if memory has it fresh, at once, counted as a hit; `undefined`, and nothing counted, where it has not. */
  peek<T>(key: string, trace?: ReadTrace): T | undefined {
    const entry = this.#memory.store.get(key)
    if (entry === undefined) return undefined
    if (!this.#isHit(entry) && this.#usable(key, entry).cause !== 'fresh') return undefined
    entry.counters.hits += 1
    this.#trace(trace, 'hit', 'fresh', entry)
    return entry.value as T
  }

  /** How many invalidations there have been. With `isCurrentSince`, for a source that may lag behind: see the README. */
  get sequence(): number {
    return this.#memory.marks.seq
  }

  /**
   * Whether nothing with one of these tags was invalidated after that place in the sequence. False while this instance may have missed
   * an invalidation.
   */
  isCurrentSince(sequence: number, tags: readonly string[]): boolean {
    return this.#isInTouch(this.#options.clock.now()) && this.#memory.marks.isCurrent(sequence, tags)
  }

  /**
   * Makes all values with one of these tags unreachable, values being loaded now included: in this instance at once, in all
   * others when the promise is kept with `everywhere`. Never rejects. Costs one step per tag, however many entries there are.
   */
  async invalidateTags(tags: readonly string[]): Promise<Reach> {
    return this.#invalidate([...tags])
  }

  /** Forgets everything, everywhere. Answers how many entries this instance's memory held. */
  async clear(): Promise<number> {
    const count = this.#memory.store.entries
    await this.#invalidate('all')
    return count
  }

  /**
   * Applies an invalidation from the channel: here at once, in the shared store when the promise is kept. `all` is also for
   * invalidations that the channel may have missed. Never rejects.
   */
  async hear(what: Invalid): Promise<void> {
    const own = what === 'all' ? what : [...what]
    this.#apply(own)
    await this.#tellStore(own)
    this.events.emit('heard', { what: own })
  }

  /** Removes entries from memory that can never be served again, and returns their number. Looks at every entry. */
  purgeExpired(): number {
    return this.#memory.sweep()
  }

  /** How many entries in memory are fresh, and how many are not. Looks at every entry. */
  census(): { readonly active: number; readonly expired: number } {
    return this.#memory.census()
  }

  /** Counters since the start. Costs one pass over the namespaces, not over the entries. */
  stats(): CacheStats {
    const { namespaces, marks } = this.#memory
    const sum = sumCounters(namespaces.values())
    const answered = sum.hits + sum.staleHits
    return {
      ...sum,
      hitRate: answered + sum.misses === 0 ? 0 : answered / (answered + sum.misses),
      inTouch: this.#isInTouch(this.#options.clock.now()),
      maxEntries: this.#options.maxEntries,
      maxBytes: this.#options.maxBytes,
      marks: marks.size,
      namespaces: Object.fromEntries([...namespaces].map(([name, each]) => [name, structuredClone(each)])),
      ...(this.#shared === undefined ? {} : { shared: this.#shared.stats }),
    }
  }

  /** Leaves the shared store and forgets everything. Reads go to their loaders from then on. */
  async close(): Promise<void> {
    this.#loads.close()
    this.#cancelSweep()
    this.#apply('all')
    await this.#shared?.close()
  }

  #isHit(entry: Entry): boolean {
    if (entry.checkedSeq !== this.#memory.marks.seq) return false
    const now = this.#hitClock()
    return now < entry.freshUntil && this.#isInTouch(now)
  }

  /** Whether this instance has heard of every invalidation that was answered before now. */
  #isInTouch(now: number): boolean {
    return (this.#shared === undefined || this.#shared.isTrusted(now)) && this.#channel?.isLive() !== false
  }

  /** Handles every read except the plain hit. */
  #read<T>(key: string, entry: Entry | undefined, loader: Loader<T>, options: ReadOptions<T>): T | Promise<T> {
    const { cause, old } = this.#usable(key, entry)
    if (old === undefined) return this.#load(key, loader, options, cause)
    if (cause === 'fresh') {
      old.counters.hits += 1
      this.#trace(options.trace, 'hit', cause, old)
      return old.value as T
    }
    const waits = this.#options.clock.now() < old.retryAt
    old.counters.staleHits += 1
    this.#trace(options.trace, 'stale', waits ? 'backoff' : 'refreshing', old)
    if (!waits && this.#loads.joinable(key) === undefined) this.#loads.start(key, loader, options, old).keep()
    return old.value as T
  }

  /** Judges an entry. `old` may be served: at once where it is fresh, and while it is refreshed otherwise. */
  #usable(key: string, entry: Entry | undefined): { readonly cause: ReadCause; readonly old?: Entry } {
    const now = this.#options.clock.now()
    // Before anything is looked for: a lease that has run out makes all of it invalid.
    if (!this.#isInTouch(now)) return { cause: 'untrusted' }
    if (entry === undefined) return { cause: 'absent' }
    const judgement = this.#memory.judge(entry, now)
    if (judgement === 'invalidated' || judgement === 'expired') {
      this.#memory.store.delete(key, judgement)
      return { cause: judgement }
    }
    return { cause: judgement === 'fresh' ? 'fresh' : 'refreshing', old: entry }
  }

  async #load<T>(key: string, loader: Loader<T>, options: ReadOptions<T>, cause: ReadCause): Promise<T> {
    const { marks } = this.#memory
    const counters = this.#memory.countersOf(options.namespace)
    const startedAt = marks.seq
    try {
      let joined = this.#loads.joinable(key)
      let loaded = await (joined ?? this.#loads.start(key, loader, options)).join(options.signal)
      if (loaded.seq < startedAt && !marks.isCurrent(loaded.seq, loaded.tags)) {
        // This caller came after an invalidation that the load it joined may not have seen. One that began later has.
        joined = this.#loads.since(key, startedAt)
        loaded = await (joined ?? this.#loads.start(key, loader, options)).join(options.signal)
      }
      if (loaded.shared) counters.hits += 1
      else counters.misses += 1
      if (loaded.shared) this.#trace(options.trace, 'hit', 'shared', loaded)
      else this.#trace(options.trace, 'miss', joined === undefined ? cause : 'joined', loaded)
      return loaded.value as T
    } catch (error) {
      counters.misses += 1
      throw error
    }
  }

  async #invalidate(what: Invalid): Promise<Reach> {
    this.#apply(what)
    // The epoch that is told: it may be another one afterwards.
    const epoch = this.#shared?.epoch
    let reach = await this.#tellStore(what)
    const telling = this.#tellChannel(what, reach === 'everywhere' ? epoch : undefined)
    if (telling !== undefined) {
      reach = await telling.then(
        () => 'everywhere',
        () => 'local',
      )
    }
    this.events.emit('invalidate', { what, reach })
    return reach
  }

  /** Everyone, where there is no shared store, or it can't be told or may not have been; else those who have another one. */
  #tellChannel(what: Invalid, toldEpoch: string | undefined): Promise<void> | undefined {
    return toldEpoch === undefined ? this.#channel?.tell(what) : this.#channel?.tellStrangers?.(what, toldEpoch)
  }

  async #tellStore(what: Invalid): Promise<Reach> {
    if (this.#shared === undefined) return 'everywhere'
    const reach = await this.#shared.invalidate(what)
    // Again: meanwhile this instance may have read a value from the shared store that the store has only now invalidated.
    this.#apply(what)
    return reach
  }

  #apply(what: Invalid): void {
    if (what !== 'all') {
      this.#memory.marks.invalidate(what)
      return
    }
    this.#memory.marks.invalidateAll()
    this.#memory.store.clear()
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#options.clock.setTimer(() => {
      this.#memory.sweep()
      this.#scheduleSweep()
    }, this.#options.sweepMs)
  }

  #trace(
    trace: ReadTrace | undefined,
    status: 'hit' | 'stale' | 'miss',
    cause: ReadCause,
    from: { readonly createdAt: number; readonly tags: readonly string[] },
  ): void {
    if (trace === undefined) return
    trace.status = status
    trace.cause = cause
    trace.ageMs = this.#options.clock.now() - from.createdAt
    trace.tags = from.tags
  }
}
