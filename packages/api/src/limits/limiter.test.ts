import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createMemoryLimiter } from './limiter.ts'
import { createRedisLimiter } from './redis-limiter.ts'
import { SlidingWindow } from './window.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

test('no hour lets more through than the limit, and a refused charge succeeds at the time that it was told', () => {
  const steps = fc.array(fc.tuple(fc.nat(20 * minuteMs), fc.integer({ min: 1, max: 4 })), { maxLength: 200 })
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 30 }), steps, (limit, waits) => {
      const window = new SlidingWindow()
      const letThrough: { at: number; cost: number }[] = []
      let now = 1_700_000_000_000
      for (const [wait, cost] of waits) {
        now += wait
        const charge = window.charge(limit, cost, now)
        if (charge.allowed) letThrough.push({ at: now, cost })
        const inTheHour = letThrough.filter(({ at }) => at > now - hourMs).reduce((sum, each) => sum + each.cost, 0)
        expect(inTheHour).toBeLessThanOrEqual(limit)
        if (!charge.allowed) {
          const back = now + charge.resetSeconds * 1000
          expect(charge.resetSeconds).toBeLessThanOrEqual(3660)
          expect(window.charge(limit, cost, back).allowed).toBe(true)
          letThrough.push({ at: back, cost })
          now = back
        }
      }
    }),
    { numRuns: 300 },
  )
})

const bucket = (name: string, limit: number) => [{ name, limit }]

test('a refused charge costs nothing', async () => {
  let now = 0
  const limiter = createMemoryLimiter({ now: () => now })
  for (let n = 0; n < 3; n++) limiter.chargeNow(bucket('user:a', 3), 1)
  for (let n = 0; n < 100; n++) expect(limiter.chargeNow(bucket('user:a', 3), 1).allowed).toBe(false)
  now = hourMs + minuteMs
  expect(limiter.chargeNow(bucket('user:a', 3), 1)).toMatchObject({ allowed: true, remaining: 2 })
})

test('of two buckets the tighter one decides, and a refusal of one costs the other nothing', () => {
  const limiter = createMemoryLimiter()
  const both = [...bucket('user:a', 5), ...bucket('key:a', 2)]
  expect(limiter.chargeNow(both, 1)).toMatchObject({ allowed: true, limit: 2, remaining: 1 })
  expect(limiter.chargeNow(both, 2)).toMatchObject({ allowed: false, limit: 2 })
  expect(limiter.chargeNow(bucket('user:a', 5), 1)).toMatchObject({ allowed: true, remaining: 3 })
  expect(limiter.chargeNow(both, 1)).toMatchObject({ allowed: true, limit: 2, remaining: 0 })
})

test('memory is bounded: the least used buckets of a kind are forgotten, those of other kinds stay', () => {
  const limiter = createMemoryLimiter({ maxBuckets: 10 })
  limiter.chargeNow(bucket('user:owner', 1), 1)
  for (let n = 0; n < 1000; n++) limiter.chargeNow(bucket(`address:${n}`, 1), 1)
  expect(limiter.chargeNow(bucket('user:owner', 1), 1).allowed).toBe(false)
  expect(limiter.chargeNow(bucket('address:999', 1), 1).allowed).toBe(false)
  expect(limiter.chargeNow(bucket('address:0', 1), 1).allowed).toBe(true)
})

test('a used-up bucket opens within an hour and a minute, however far the clock is set back', () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  try {
    const limiter = createMemoryLimiter()
    const today = Date.now()
    vi.setSystemTime(today + 10 * 365 * 24 * hourMs)
    expect(limiter.chargeNow(bucket('user:a', 1), 1).allowed).toBe(true)
    vi.setSystemTime(today)
    expect(limiter.chargeNow(bucket('user:a', 1), 1).allowed).toBe(false)
    vi.advanceTimersByTime(hourMs + minuteMs)
    expect(limiter.chargeNow(bucket('user:a', 1), 1).allowed).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('a limiter whose Redis does not answer counts by itself, at once', async () => {
  const limiter = createRedisLimiter({ url: 'redis://127.0.0.1:1' })
  expect(limiter.chargeNow(bucket('user:a', 1), 1)?.allowed).toBe(true)
  expect((await limiter.charge(bucket('user:a', 1), 1)).allowed).toBe(false)
  await limiter.close()
})
