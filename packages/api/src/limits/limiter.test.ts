import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryLimiter } from './limiter.ts'
import { createRedisLimiter } from './redis-limiter.ts'
import { SlidingWindow } from './window.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

test('in no hour is more let through than the limit, and what is refused gets through when it was told to come', () => {
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

test('a refused charge costs nothing', async () => {
  let now = 0
  const limiter = createMemoryLimiter({ now: () => now })
  for (let n = 0; n < 3; n++) await limiter.charge('key:a', 3, 1)
  for (let n = 0; n < 100; n++) expect((await limiter.charge('key:a', 3, 1)).allowed).toBe(false)
  now = hourMs + minuteMs
  expect(await limiter.charge('key:a', 3, 1)).toMatchObject({ allowed: true, remaining: 2 })
})

test('memory is bounded: the least used buckets of a kind are forgotten, those of other kinds stay', async () => {
  const limiter = createMemoryLimiter({ maxBuckets: 10 })
  await limiter.charge('key:owner', 1, 1)
  for (let n = 0; n < 1000; n++) await limiter.charge(`address:${n}`, 1, 1)
  expect((await limiter.charge('key:owner', 1, 1)).allowed).toBe(false)
  expect((await limiter.charge('address:999', 1, 1)).allowed).toBe(false)
  expect((await limiter.charge('address:0', 1, 1)).allowed).toBe(true)
})

test('without a Redis that answers, this process counts for itself', async () => {
  const limiter = createRedisLimiter({ url: 'redis://127.0.0.1:1' })
  expect((await limiter.charge('key:a', 1, 1)).allowed).toBe(true)
  expect((await limiter.charge('key:a', 1, 1)).allowed).toBe(false)
  await limiter.close()
})

if (process.env.TEST_REDIS_URL) {
  const url = process.env.TEST_REDIS_URL

  test('two servers that share a Redis let through the limit between them, whatever comes at once', async () => {
    const prefix = `extropy:test:${randomUUID()}:`
    const servers = [createRedisLimiter({ url, prefix }), createRedisLimiter({ url, prefix })]
    await expect.poll(async () => (await servers[0]?.charge('key:warm', 1e9, 1))?.remaining).toBeLessThan(1e9)
    await expect.poll(async () => (await servers[1]?.charge('key:warm', 1e9, 1))?.remaining).toBeLessThan(1e9 - 1)
    const charges = await Promise.all(Array.from({ length: 200 }, (_, n) => servers[n % 2]?.charge('key:a', 50, 1)))
    expect(charges.filter((charge) => charge?.allowed)).toHaveLength(50)
    expect(Math.min(...charges.map((charge) => charge?.remaining ?? -1))).toBe(0)
    const refused = charges.find((charge) => !charge?.allowed)
    expect(refused?.resetSeconds).toBeGreaterThan(3500)
    expect(refused?.resetSeconds).toBeLessThanOrEqual(3660)
    for (const server of servers) await server.close()
  })
}
