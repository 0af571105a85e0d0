import { Entry, type Lifetime } from './entry.ts'
import type { CacheEmitter, EvictionCause } from './events.ts'
import { Marks } from './marks.ts'
import type { ResolvedOptions } from './options.ts'
import { createCounters, type NamespaceCounters } from './stats.ts'
import { entryOverheadBytes, LruStore } from './stores/lru-store.ts'

/** `stale` may be served while it is refreshed. */
export type Judgement = 'fresh' | 'stale' | 'expired' | 'invalidated'

export interface Keeping extends Lifetime {
  readonly key: string
  readonly value: unknown
  readonly tags: readonly string[]
  /** The invalidation sequence before the value was read. */
  readonly seq: number
  readonly counters: NamespaceCounters
}

const noTags: readonly string[] = []
/** A tag's share, beside its characters: its place in the entry's own array, and the string's header. */
const tagBytes = 24

/** This instance's entries, and the judgement whether they may still be used. */
export class MemoryTier {
  readonly marks: Marks
  readonly store: LruStore
  readonly #options: ResolvedOptions
  readonly #events: CacheEmitter
  readonly #namespaces = new Map<string, NamespaceCounters>()

  constructor(options: ResolvedOptions, events: CacheEmitter) {
    this.#options = options
    this.#events = events
    this.marks = new Marks(options.maxMarks)
    this.store = new LruStore({
      maxEntries: options.maxEntries,
      maxBytes: options.maxBytes,
      onEvict: (key, _entry, cause) => events.emit('evict', { key, cause }),
    })
  }

  get namespaces(): ReadonlyMap<string, NamespaceCounters> {
    return this.#namespaces
  }

  countersOf(namespace = 'default'): NamespaceCounters {
    let counters = this.#namespaces.get(namespace)
    if (counters === undefined) {
      counters = createCounters()
      this.#namespaces.set(namespace, counters)
    }
    return counters
  }

  /** Takes account of every invalidation since the entry was last looked at. */
  judge(entry: Entry, now: number): Judgement {
    if (entry.checkedSeq !== this.marks.seq) {
      if (!this.marks.isCurrent(entry.seq, entry.tags)) return 'invalidated'
      entry.checkedSeq = this.marks.seq
    }
    if (now < entry.freshUntil) return 'fresh'
    return now < entry.staleUntil ? 'stale' : 'expired'
  }

  /** False where the value was not stored, because something it depends on was invalidated after `seq`. */
  keep({ key, value, tags, seq, counters, ...lifetime }: Keeping): boolean {
    if (!this.marks.isCurrent(seq, tags)) {
      counters.refused += 1
      this.#events.emit('refused', { key, tags })
      return false
    }
    const bytes = Math.ceil(this.#sizeOf(value) + this.#bookkeepingBytes(key, tags))
    // A copy: a caller's later change to its array must not change the entry's tags.
    const own = tags.length === 0 ? noTags : [...tags]
    if (this.store.set(key, new Entry(value, own, seq, lifetime, bytes, counters))) counters.stores += 1
    else {
      counters.evictions.oversize += 1
      this.#events.emit('evict', { key, cause: 'oversize' })
    }
    return true
  }

  /** Removes entries that can never be used again, and returns their number. */
  sweep(): number {
    const now = this.#options.clock.now()
    return this.store.sweep((entry) => this.#uselessness(entry, now))
  }

  /** How many entries a read would be answered from, and how many only wait to be taken out. Looks at every entry. */
  census(): { readonly active: number; readonly expired: number } {
    const now = this.#options.clock.now()
    let expired = 0
    for (const [, entry] of this.store) if (this.judge(entry, now) !== 'fresh') expired += 1
    return { active: this.store.entries - expired, expired }
  }

  #uselessness(entry: Entry, now: number): EvictionCause | undefined {
    const judgement = this.judge(entry, now)
    return judgement === 'invalidated' || judgement === 'expired' ? judgement : undefined
  }

  /** A value that cannot be measured, such as one nested ten thousand deep, counts as too large. */
  #sizeOf(value: unknown): number {
    try {
      return this.#options.sizeOf(value)
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }

  #bookkeepingBytes(key: string, tags: readonly string[]): number {
    return tags.reduce((sum, tag) => sum + tagBytes + tag.length, entryOverheadBytes + key.length)
  }
}
