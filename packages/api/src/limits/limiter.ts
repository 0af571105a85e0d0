import { LRUCache } from 'lru-cache'
import { type Charge, SlidingWindow, type StepCounts } from './window.ts'

/** A count that requests are held to. The part of its name before the colon is its kind: `user:…`, `address:…`. */
export interface Bucket {
  readonly name: string
  /** Requests an hour. */
  readonly limit: number
}

export interface Limiter {
  /**
   * Counts `cost` requests against every bucket, or against none where one of them has no room for them. Answers with the
   * charge of the bucket that has the least left.
   */
  charge(buckets: readonly Bucket[], cost: number): Promise<Charge>
  /** The same at once; undefined, with nothing charged, where only `charge` can say. */
  chargeNow(buckets: readonly Bucket[], cost: number): Charge | undefined
  close(): Promise<void>
}

interface MemoryLimiterOptions {
  /** Buckets of each kind kept at once, the least used ones forgotten first: some 400 bytes each. Default 20,000. */
  readonly maxBuckets?: number
  /** Milliseconds. Default: a clock that nobody can set. */
  readonly now?: () => number
}

export interface NamedCounts extends StepCounts {
  readonly bucket: string
}

/** The wall clock would shut used-up buckets for as long as it is set back. */
const monotonicMs = () => performance.timeOrigin + performance.now()

/** Counts in this process alone. Buckets are kept apart by kind: a flood from many addresses pushes out no user's. */
export function createMemoryLimiter({ maxBuckets = 20_000, now = monotonicMs }: MemoryLimiterOptions = {}) {
  const kinds = new Map<string, LRUCache<string, SlidingWindow>>()
  const windowOf = (name: string): SlidingWindow => {
    const kind = name.slice(0, name.indexOf(':'))
    const buckets = kinds.get(kind) ?? new LRUCache<string, SlidingWindow>({ max: maxBuckets })
    kinds.set(kind, buckets)
    const window = buckets.get(name) ?? new SlidingWindow()
    buckets.set(name, window)
    return window
  }
  const chargeNow = (buckets: readonly Bucket[], cost: number): Charge => {
    const nowMs = now()
    let tightest: Charge | undefined
    for (const [at, { name, limit }] of buckets.entries()) {
      const charge = windowOf(name).charge(limit, cost, nowMs)
      if (!charge.allowed) {
        for (const before of buckets.slice(0, at)) windowOf(before.name).giveBack(cost)
        return charge
      }
      tightest = tighter(tightest, charge)
    }
    return tightest as Charge
  }
  return {
    chargeNow,
    charge: async (buckets: readonly Bucket[], cost: number) => chargeNow(buckets, cost),
    /** Everything that it has counted; it begins anew. */
    takeAll(): NamedCounts[] {
      const counted = [...kinds.values()].flatMap((kind) =>
        [...kind].map(([bucket, window]) => ({ bucket, ...window.read() })),
      )
      kinds.clear()
      return counted.filter(({ counts }) => counts.length > 0)
    },
    addAll(counted: readonly NamedCounts[]) {
      const nowMs = now()
      for (const { bucket, ...counts } of counted) windowOf(bucket).add(counts, nowMs)
    },
    close: async () => {},
  } satisfies Limiter & Record<string, unknown>
}

export function tighter(one: Charge | undefined, other: Charge): Charge {
  return one !== undefined && one.remaining <= other.remaining ? one : other
}
