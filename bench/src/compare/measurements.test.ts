import { expect, test } from 'vitest'
import type { Measurement } from '../results.ts'
import { compareMeasurements, compareRatios } from './measurements.ts'

const measured = (value: number, more: Partial<Measurement> = {}): Measurement => {
  return { suite: 'cache', name: 'a hit', contender: 'ours', unit: 'ns', value, ...more }
}

test('two commits measured in turns compare by the median of the rounds, with an interval around it', () => {
  const [compared] = compareMeasurements(
    [[measured(10)], [measured(20)], [measured(40)]],
    [[measured(11)], [measured(22)], [measured(48)]],
  )
  expect(compared).toMatchObject({ label: 'a hit, ours', before: 20, after: 22, ratio: 1.1 })
  expect(compared?.interval).toEqual([1.1, 1.2])
})

test('two files whose figure is a mean compare by the ratio of the medians, which is in its interval', () => {
  const samples = (scale: number) => Array.from({ length: 99 }, (_, n) => scale * (n === 98 ? 1e6 : 50 + (n % 10)))
  const [compared] = compareMeasurements(
    [[measured(10_000, { samples: samples(1) })]],
    [[measured(90_000, { samples: samples(2) })]],
  )
  expect(compared?.ratio).toBeCloseTo(2)
  const [low = Number.NaN, high = Number.NaN] = compared?.interval ?? []
  expect(low).toBeLessThanOrEqual(2)
  expect(high).toBeGreaterThanOrEqual(2)
  expect(high - low).toBeLessThan(0.3)
})

test('one round without samples has no interval; a measurement of one side alone is left out', () => {
  const other = measured(1, { contender: 'a peer' })
  expect(compareMeasurements([[measured(10), other]], [[measured(20)]])).toEqual([
    { label: 'a hit, ours', unit: 'ns', before: 10, after: 20, ratio: 2, interval: undefined },
  ])
})

test("each run's own ratios are compared, to the same contender only", () => {
  const of = (ratio: number, ratioTo: string, contender = 'ours') => measured(1, { ratio, ratioTo, contender })
  const before = [[of(2, 'lru-cache'), of(3, 'lru-cache', 'a peer'), measured(5, { contender: 'a limit' })]]
  const after = [[of(2.2, 'lru-cache'), of(3, 'something else', 'a peer'), measured(6, { contender: 'a limit' })]]
  expect(compareRatios(before, after)).toEqual([{ label: 'a hit: ours / lru-cache', before: 2, after: 2.2 }])
})
