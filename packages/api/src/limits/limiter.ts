import { LRUCache } from 'lru-cache'
import { type Charge, SlidingWindow } from './window.ts'

export interface Limiter {
  /** Counts `cost` requests against `limit` an hour, unless that would pass it; atomic. */
  charge(bucket: string, limit: number, cost: number): Promise<Charge>
  /** The same at once; not there where somebody else must be asked. */
  readonly chargeNow?: (bucket: string, limit: number, cost: number) => Charge
  close(): Promise<void>
}

interface MemoryLimiterOptions {
  /** Buckets of each kind kept at once, the least used ones forgotten first: some 400 bytes each. Default 20,000. */
  readonly maxBuckets?: number
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number
}

/**
 * Counts in this process alone. Buckets are kept apart by their kind, the part before the colon: a flood from many
 * addresses can't push out what is known of keys.
 */
export function createMemoryLimiter({ maxBuckets = 20_000, now = Date.now }: MemoryLimiterOptions = {}): Limiter {
  const kinds = new Map<string, LRUCache<string, SlidingWindow>>()
  const bucketsOf = (kind: string) => {
    const buckets = kinds.get(kind) ?? new LRUCache<string, SlidingWindow>({ max: maxBuckets })
    kinds.set(kind, buckets)
    return buckets
  }
  const charge = (bucket: string, limit: number, cost: number): Charge => {
    const buckets = bucketsOf(bucket.slice(0, bucket.indexOf(':')))
    let window = buckets.get(bucket)
    if (window === undefined) {
      window = new SlidingWindow()
      buckets.set(bucket, window)
    }
    return window.charge(limit, cost, now())
  }
  return {
    charge: async (bucket, limit, cost) => charge(bucket, limit, cost),
    chargeNow: charge,
    close: async () => {},
  }
}
