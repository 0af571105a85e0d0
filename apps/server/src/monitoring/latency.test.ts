import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundsMs, LatencyHistogram } from './latency.ts'

const recorded = (durationsMs: readonly number[]) => {
  const histogram = new LatencyHistogram()
  for (const durationMs of durationsMs) histogram.record(durationMs)
  return histogram
}
/** Anything that the buckets tell apart. */
const duration = fc.double({ min: 0.008, max: 131_000, noNaN: true })

test('a quantile is at most 4.5 % off the exact one', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (durationsMs) => {
      const { count, p50Ms, p95Ms, p99Ms } = recorded(durationsMs).recent()
      const sorted = durationsMs.toSorted((a, b) => a - b)
      expect(count).toBe(sorted.length)
      for (const [share, quantile] of [
        [0.5, p50Ms],
        [0.95, p95Ms],
        [0.99, p99Ms],
      ] as const) {
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number
        expect(Math.abs(quantile / exact - 1)).toBeLessThan(0.045)
      }
    }),
  )
})

test('the histogram for Prometheus is exact: a bound belongs to its own bucket', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(duration, fc.constantFrom(...boundsMs)), { maxLength: 200 }), (durationsMs) => {
      const histogram = recorded(durationsMs)
      const { upTo, count } = histogram.cumulative()
      expect(upTo).toEqual(boundsMs.map((bound) => durationsMs.filter((ms) => ms <= bound).length))
      expect(count).toBe(durationsMs.length)
      expect(histogram.sumMs).toBeCloseTo(durationsMs.reduce((sum, ms) => sum + ms, 0))
    }),
  )
})

test('durations that no clock should give are counted all the same', () => {
  expect(recorded([0, -1, Number.NaN, 1e12, Number.POSITIVE_INFINITY]).cumulative().count).toBe(5)
})

test('quantiles forget what came before the last rotation but one; the sums do not', () => {
  const histogram = recorded([1000, 1000])
  histogram.rotate()
  histogram.record(1)
  expect(histogram.recent()).toMatchObject({ count: 3, p95Ms: expect.closeTo(1000, -2) })
  histogram.rotate()
  histogram.record(1)
  expect(histogram.recent()).toMatchObject({ count: 2, p99Ms: expect.closeTo(1, 0) })
  histogram.rotate()
  histogram.rotate()
  expect(histogram.recent()).toEqual({ count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 })
  expect(histogram.cumulative().count).toBe(4)
})
