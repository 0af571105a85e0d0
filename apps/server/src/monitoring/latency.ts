/**
 * Durations in buckets that grow by a constant factor: 8 to each doubling, from 2^-7 ms (8 µs) to 2^17 ms (131 s). A
 * quantile is the middle of its bucket, so off by at most a factor of 2^(1/16): 4.4 %. Durations outside count in the
 * first or the last bucket.
 */
const perDoubling = 8
const lowest = -7
const highest = 17
const bucketCount = (highest - lowest) * perDoubling + 1

/** Bucket 0 ends at 2^-7 ms, and each next one 2^(1/8) times further; the upper bound belongs to the bucket. */
function bucketOf(durationMs: number): number {
  const place = Math.ceil(Math.log2(durationMs) * perDoubling) - lowest * perDoubling
  // Written so that NaN, which a broken clock would bring, is bucket 0 too.
  return place > 0 ? (place < bucketCount ? place : bucketCount - 1) : 0
}

/** The bounds that Prometheus is shown, in ms: every power of two from 31 µs to 33 s. All are bounds of buckets here. */
export const boundsMs: readonly number[] = Array.from({ length: 21 }, (_, n) => 2 ** (n - 5))

export function addOne(counts: Float64Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1
}

export interface Quantiles {
  readonly count: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

export class LatencyHistogram {
  /** In ms, since the start. */
  sumMs = 0
  readonly #counts = new Float64Array(bucketCount)
  /** `#counts` at the last rotation, and at the one before. */
  #last = new Float64Array(bucketCount)
  #before = new Float64Array(bucketCount)

  /** Allocates nothing. */
  record(durationMs: number): void {
    addOne(this.#counts, bucketOf(durationMs))
    this.sumMs += durationMs
  }

  /** `recent` leaves out everything before the last rotation but one. */
  rotate(): void {
    const reused = this.#before
    this.#before = this.#last
    this.#last = reused
    this.#last.set(this.#counts)
  }

  recent(): Quantiles {
    return quantilesOf(this.recentCounts())
  }

  /** By bucket, for `quantilesOf`: those of several histograms may be added up first. */
  recentCounts(): Float64Array {
    return this.#counts.map((value, bucket) => value - (this.#before[bucket] ?? 0))
  }

  /** Since the start: how many took no longer than each of `boundsMs`, and how many there were. */
  cumulative(): { readonly upTo: readonly number[]; readonly count: number } {
    const upTo: number[] = []
    let count = 0
    let bucket = 0
    for (const bound of boundsMs) {
      const end = bucketOf(bound)
      for (; bucket <= end; bucket++) count += this.#counts[bucket] ?? 0
      upTo.push(count)
    }
    for (; bucket < bucketCount; bucket++) count += this.#counts[bucket] ?? 0
    return { upTo, count }
  }
}

export function quantilesOf(counts: Float64Array): Quantiles {
  const count = counts.reduce((sum, value) => sum + value, 0)
  return {
    count,
    p50Ms: quantile(counts, count, 0.5),
    p95Ms: quantile(counts, count, 0.95),
    p99Ms: quantile(counts, count, 0.99),
  }
}

function quantile(counts: Float64Array, count: number, share: number): number {
  if (count === 0) return 0
  const rank = Math.max(1, Math.ceil(share * count))
  let seen = 0
  let bucket = -1
  while (seen < rank && bucket < bucketCount - 1) seen += counts[++bucket] ?? 0
  return 2 ** ((bucket - 0.5) / perDoubling + lowest)
}
