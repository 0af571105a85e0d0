import { coarseNow, systemClock } from './clock.ts'
import type { Entry } from './entry.ts'
import { type CacheEmitter, createEvents, type Reach } from './events.ts'
import { Loads, tagsOf } from './loads.ts'
import { MemoryTier } from './memory-tier.ts'
import type { ResolvedOptions } from './options.ts'
import type { Policy } from './policy.ts'
import type { Loader, ReadCause, ReadOptions, ReadTrace, SetOptions, Snapshot } from './read-options.ts'
import { SharedEntries } from './shared/shared-entries.ts'
import { SharedTier } from './shared/shared-tier.ts'
import { type CacheStats, sumCounters } from './stats.ts'
import type { InvalidateRequest, Invalidation } from './stores/store.ts'

const NO_OPTIONS = {}
const CHANGES_NOTHING: Invalidation = { tags: [], keys: [], soft: false, all: false }

/** Made by `createCache`. */
export class Cache {
  readonly events: CacheEmitter = createEvents()
  readonly #options: ResolvedOptions
  readonly #memory: MemoryTier
  readonly #loads: Loads
  readonly #shared: SharedTier | undefined
  readonly #sharedEntries: SharedEntries | undefined
  /** What a hit looks at. Exact where there are leases to keep. */
  readonly #hitClock: () => number
  #cancelSweep = (): void => undefined

  constructor(options: ResolvedOptions) {
    this.#options = options
    this.#memory = new MemoryTier(options, this.events)
    const { clock } = options
    this.#hitClock = clock === systemClock && options.shared === undefined ? coarseNow : () => clock.now()
    if (options.shared !== undefined) {
      this.#shared = new SharedTier({
        ...options.sharing,
        store: options.shared,
        clock: options.clock,
        events: this.events,
        onInvalidation: (what) => this.#apply(what),
        onReset: () => this.#reset(),
      })
      this.#sharedEntries = new SharedEntries(this.#shared, options)
    }
    this.#loads = new Loads({
      options,
      memory: this.#memory,
      events: this.events,
      shared: this.#shared,
      sharedEntries: this.#sharedEntries,
    })
    if (options.sweepMs > 0) this.#scheduleSweep()
  }

  /**
   * The cached value, or the loader's. A hit in memory is answered at once, without a promise; everything else is a promise.
   * Any number of concurrent misses on a key share one load. Rejects with what the loader threw, with a `LoadTimeoutError`, or
   * with the reason of the caller's own `signal`. A value is shared by everyone who reads it: treat it as read-only.
   *
   * @example const card = await cache.getOrSet(`card:${id}`, () => getCard(db, id), { ttlMs: 60_000, tags: [`card:${id}`] })
   */
  getOrSet<T>(key: string, loader: Loader<T>, options: ReadOptions<T> = NO_OPTIONS): T | Promise<T> {
    const entry = this.#memory.store.get(key)
    if (entry !== undefined && this.#isHit(entry)) {
      entry.counters.hits += 1
      if (options.trace !== undefined) this.#trace(options.trace, 'hit', 'fresh', entry)
      return entry.value as T
    }
    return this.#read(key, entry, loader, options)
  }

  /** `getOrSet` by a policy: its name goes in front of the key and is the namespace. */
  fetch<Input, T>(
    policy: Policy<Input, T>,
    input: Input,
    loader: Loader<T>,
    options: Pick<ReadOptions<T>, 'signal' | 'trace'> = NO_OPTIONS,
  ): T | Promise<T> {
    const key = `${policy.name}:${policy.key(input)}`
    const entry = this.#memory.store.get(key)
    if (entry !== undefined && this.#isHit(entry)) {
      entry.counters.hits += 1
      if (options.trace !== undefined) this.#trace(options.trace, 'hit', 'fresh', entry)
      return entry.value as T
    }
    const { name, key: _key, tags, tagsOf, ...storing } = policy
    const known = tags?.(input) ?? []
    return this.#read(key, entry, loader, {
      ...storing,
      ...options,
      namespace: name,
      tags: tagsOf === undefined ? known : (value) => [...known, ...tagsOf(value, input)],
    })
  }

  /** The value if memory has it fresh, at once, counted as a hit; `undefined`, and nothing counted, where it has not. */
  peek<T>(key: string, trace?: ReadTrace): T | undefined {
    const entry = this.#memory.store.get(key)
    if (entry === undefined || !this.#isHit(entry)) return undefined
    entry.counters.hits += 1
    this.#trace(trace, 'hit', 'fresh', entry)
    return entry.value as T
  }

  /** The value if it is fresh: at once where memory has it or there is no shared store, else a promise of it. */
  get<T>(
    key: string,
    options: Pick<ReadOptions<T>, 'namespace' | 'trace'> = NO_OPTIONS,
  ): T | undefined | Promise<T | undefined> {
    const entry = this.#memory.store.get(key)
    const { cause } = this.#usable(key, entry)
    if (entry !== undefined && cause === 'fresh') {
      entry.counters.hits += 1
      if (options.trace !== undefined) this.#trace(options.trace, 'hit', 'fresh', entry)
      return entry.value as T
    }
    const counters = this.#memory.countersOf(options.namespace)
    const missed = (): undefined => {
      counters.misses += 1
      if (options.trace !== undefined) Object.assign(options.trace, { status: 'miss', cause })
      return undefined
    }
    if (this.#shared === undefined || this.#sharedEntries === undefined) return missed()
    const seq = this.#memory.marks.seq
    return this.#sharedEntries.find(key).then((found) => {
      if (found === undefined) return missed()
      counters.hits += 1
      this.#loads.keepFound(key, found, seq, options.namespace)
      if (options.trace !== undefined) this.#trace(options.trace, 'hit', 'shared', found)
      return found.value as T
    })
  }

  /**
   * Stores a value, and drops what any load of this key that is under way will bring. Refused, like any load's result, where
   * its key or one of its tags was invalidated after `asOf`; so that of two instances that set one key at the same time, at
   * most one has its way. In memory at once where there is no shared store.
   */
  async set<T>(key: string, value: T, options: SetOptions<T> = NO_OPTIONS): Promise<Reach> {
    const { marks } = this.#memory
    const { asOf = this.snapshot(), namespace } = options
    const tags = tagsOf(value, options)
    const spans = this.#loads.spansOf(value, options)
    const startedAt = this.#options.clock.now()
    const current = marks.isCurrent(asOf.seq, key, tags)
    this.#forget(key)
    const keep = (): boolean =>
      current && this.#loads.keep({ key, value, tags, seq: marks.seq, spans, startedAt, namespace })
    if (this.#shared === undefined) {
      keep()
      return 'everywhere'
    }
    const { seq } = marks
    const put = current ? this.#sharedEntries?.toWrite(key, value, tags, spans, asOf.shared) : undefined
    const { reach, stored } = await this.#tell({
      ...CHANGES_NOTHING,
      keys: [key],
      ...(put === undefined ? {} : { put }),
    })
    // Another instance may have changed the key or a tag since: then its word counts.
    const undisturbed = marks.isCurrent(seq, key, tags)
    this.#forget(key)
    if (undisturbed && (stored || put === undefined || reach === 'local')) keep()
    return reach
  }

  /** Forgets one key, everywhere: as if it alone carried a tag that was invalidated. */
  async delete(key: string): Promise<Reach> {
    this.#forget(key)
    if (this.#shared === undefined) return 'everywhere'
    const { reach } = await this.#tell({ ...CHANGES_NOTHING, keys: [key] })
    this.#forget(key)
    return reach
  }

  /**
   * Makes everything with one of these tags unreachable, also what is being loaded now. In this instance at once; in all
   * others when the promise is kept with `everywhere`. Never rejects. Costs one step per tag, however many entries there are.
   */
  async invalidateTags(given: readonly string[]): Promise<Reach> {
    const tags = [...given]
    this.#memory.marks.invalidate(tags)
    const { reach } = await this.#tell({ ...CHANGES_NOTHING, tags })
    // Again: since the first time, this instance may have read from the shared store what the store has only now invalidated.
    if (this.#shared !== undefined) this.#memory.marks.invalidate(tags)
    this.events.emit('invalidate', { tags, soft: false, reach })
    return reach
  }

  /**
   * Makes everything with one of these tags stale: served for its stale time while one refresh runs, a miss where it has none.
   * Copies in the shared store are misses at once.
   */
  async expireTags(given: readonly string[]): Promise<Reach> {
    const tags = [...given]
    this.#memory.marks.expire(tags, this.#options.clock.now())
    const { reach } = await this.#tell({ ...CHANGES_NOTHING, tags, soft: true })
    if (this.#shared !== undefined) this.#memory.marks.expire(tags, this.#options.clock.now())
    this.events.emit('invalidate', { tags, soft: true, reach })
    return reach
  }

  /** Forgets everything, everywhere. Answers how many entries this instance's memory held. */
  async clear(): Promise<number> {
    const count = this.#reset()
    await this.#tell({ ...CHANGES_NOTHING, all: true })
    if (this.#shared !== undefined) this.#reset()
    return count
  }

  /** Takes out of memory what can never be served again. The number of entries that went. Looks at every entry. */
  purgeExpired(): number {
    return this.#memory.sweep()
  }

  /** How many entries in memory are fresh, and how many are not. Looks at every entry. */
  census(): { readonly active: number; readonly expired: number } {
    return this.#memory.census()
  }

  /** Take it before you read from the source, and give it to `set`. */
  snapshot(): Snapshot {
    return { seq: this.#memory.marks.seq, shared: this.#shared?.snapshot() }
  }

  /** Counters since the start. Costs one pass over the namespaces, not over the entries. */
  stats(): CacheStats {
    const { namespaces, marks } = this.#memory
    const sum = sumCounters(namespaces.values())
    const answered = sum.hits + sum.staleHits
    return {
      ...sum,
      hitRate: answered + sum.misses === 0 ? 0 : answered / (answered + sum.misses),
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
    this.#reset()
    await this.#shared?.close()
  }

  #isHit(entry: Entry): boolean {
    if (entry.checkedSeq !== this.#memory.marks.seq) return false
    const now = this.#hitClock()
    return now < entry.freshUntil && (this.#shared === undefined || now < this.#shared.trustedUntil)
  }

  /** Everything but the plain hit. */
  #read<T>(key: string, entry: Entry | undefined, loader: Loader<T>, options: ReadOptions<T>): T | Promise<T> {
    const { cause, old } = this.#usable(key, entry)
    if (old === undefined) return this.#load(key, loader, options, undefined, cause)
    if (cause === 'fresh') {
      old.counters.hits += 1
      this.#trace(options.trace, 'hit', cause, old)
      return old.value as T
    }
    const { clock } = this.#options
    const waits = clock.now() < old.retryAt
    if (cause !== 'refreshing' && !waits) return this.#load(key, loader, options, old, cause)
    old.counters.staleHits += 1
    this.#trace(options.trace, 'stale', waits ? 'backoff' : 'refreshing', old)
    if (!waits && this.#loads.current(key) === undefined) this.#loads.start(key, loader, options, old).keep()
    return old.value as T
  }

  /** What the entry is good for. `old` may be served: at once where it is fresh, or else in need. */
  #usable(key: string, entry: Entry | undefined): { readonly cause: ReadCause; readonly old?: Entry } {
    if (entry === undefined) return { cause: 'absent' }
    const now = this.#options.clock.now()
    if (this.#shared !== undefined && now >= this.#shared.trustedUntil) {
      this.#shared.lapse()
      return { cause: 'invalidated' }
    }
    const judgement = this.#memory.judge(key, entry, now)
    if (judgement === 'invalidated' || judgement === 'expired') {
      this.#memory.store.delete(key, judgement)
      return { cause: judgement }
    }
    if (judgement === 'fresh') return { cause: 'fresh', old: entry }
    return { cause: judgement === 'stale' ? 'refreshing' : 'expired', old: entry }
  }

  async #load<T>(
    key: string,
    loader: Loader<T>,
    options: ReadOptions<T>,
    old: Entry | undefined,
    cause: ReadCause,
  ): Promise<T> {
    // Before looking for a load to join: one from before the lease ran out may have missed an invalidation.
    if (this.#shared !== undefined && this.#options.clock.now() >= this.#shared.trustedUntil) this.#shared.lapse()
    const { marks } = this.#memory
    const counters = this.#memory.countersOf(options.namespace)
    const startedAt = marks.seq
    try {
      let joined = this.#loads.current(key)
      let loaded = await (joined ?? this.#loads.start(key, loader, options, old)).join(options.signal)
      if (loaded.seq < startedAt && !marks.isCurrent(loaded.seq, key, loaded.tags)) {
        // This caller came after an invalidation that the load it joined may not have seen. One that began later has.
        joined = this.#loads.since(key, startedAt)
        loaded = await (joined ?? this.#loads.start(key, loader, options, old)).join(options.signal)
      }
      if (loaded.shared) counters.hits += 1
      else counters.misses += 1
      if (loaded.shared) this.#trace(options.trace, 'hit', 'shared', loaded)
      else this.#trace(options.trace, 'miss', joined === undefined ? cause : 'joined', loaded)
      return loaded.value as T
    } catch (error) {
      if (options.signal?.aborted || old === undefined || this.#usable(key, old).old === undefined) {
        counters.misses += 1
        throw error
      }
      counters.staleHits += 1
      this.#trace(options.trace, 'stale', 'error', old)
      return old.value as T
    }
  }

  /** Tells the other instances. */
  async #tell(request: InvalidateRequest): Promise<{ readonly reach: Reach; readonly stored: boolean }> {
    return this.#shared?.invalidate(request) ?? { reach: 'everywhere', stored: false }
  }

  #forget(key: string): void {
    this.#memory.store.delete(key, 'invalidated')
    this.#memory.marks.invalidate([], [key])
  }

  #apply({ tags, keys, soft, all }: Invalidation): void {
    if (all) this.#reset()
    else if (soft) this.#memory.marks.expire(tags, this.#options.clock.now())
    else this.#memory.marks.invalidate(tags, keys)
  }

  #reset(): number {
    this.#memory.marks.invalidateAll()
    return this.#memory.store.clear()
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
