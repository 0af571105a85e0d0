import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTcpProxy } from '@extropy/cache/testing'
import { createClient } from '@redis/client'
import { afterEach, describe, expect, test } from 'vitest'
import type { Limiter } from './limiter.ts'
import { createRedisLimiter } from './redis-limiter.ts'

const bucket = (name: string, limit: number) => [{ name, limit }]

describe('servers that share a Redis', () => {
  /** Set: see vitest.config.ts. */
  const url = process.env.TEST_REDIS_URL as string
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function serve(prefix: string, address = url): Promise<Limiter> {
    const limiter = createRedisLimiter({ url: address, prefix })
    closing.push(() => limiter.close())
    // Counted in this process until Redis is there: one who asks Redis cannot say at once.
    const isAsking = () => limiter.chargeNow(bucket(`user:${randomUUID()}`, 1), 1) === undefined
    await expect.poll(isAsking, { timeout: 10_000 }).toBe(true)
    return limiter
  }
  const serveTwo = async () => {
    const prefix = `extropy:test:${randomUUID()}:`
    return [await serve(prefix), await serve(prefix), prefix] as const
  }
  /** Until it is refused: how many got through. */
  async function useUp(limiter: Limiter, buckets: Parameters<Limiter['charge']>[0]): Promise<number> {
    for (let allowed = 0; ; allowed++) {
      const charge = limiter.chargeNow(buckets, 1) ?? (await limiter.charge(buckets, 1))
      if (!charge.allowed) return allowed
    }
  }

  test('let exactly the limit through in all, however many requests come at once', async () => {
    const [here, there] = await serveTwo()
    const asked = Array.from({ length: 200 }, (_, n) => (n % 2 ? here : there).charge(bucket('user:a', 50), 1))
    const charges = await Promise.all(asked)
    expect(charges.filter(({ allowed }) => allowed)).toHaveLength(50)
    expect(Math.min(...charges.map(({ remaining }) => remaining))).toBe(0)
    const refused = charges.find(({ allowed }) => !allowed)
    expect(refused?.resetSeconds).toBeGreaterThan(3500)
    expect(refused?.resetSeconds).toBeLessThanOrEqual(3660)
  })

  test('answer most requests of a busy caller without asking Redis, and the limit still holds exactly', async () => {
    const [here, there] = await serveTwo()
    let atOnce = 0
    let allowed = 0
    const limit = 5000
    for (let n = 0; n < limit; n++) {
      const limiter = n % 3 ? here : there
      const now = limiter.chargeNow(bucket('user:a', limit), 1)
      if (now !== undefined) atOnce++
      if ((now ?? (await limiter.charge(bucket('user:a', limit), 1))).allowed) allowed++
    }
    expect(atOnce / limit).toBeGreaterThan(0.9)
    // Requests that one server holds ahead, when the other has used up the rest, come back within seconds. Then all are spent.
    const drain = async () => {
      for (const limiter of [here, there]) allowed += await useUp(limiter, bucket('user:a', limit))
      return allowed
    }
    await expect.poll(drain, { timeout: 10_000, interval: 200 }).toBe(limit)
    await sleep(1500)
    expect(await drain()).toBe(limit)
  })

  test('give back the requests that they hold ahead when they stop', async () => {
    const [here, there] = await serveTwo()
    const buckets = bucket('user:a', 1000)
    let allowed = 0
    for (let n = 0; n < 100; n++) if ((await here.charge(buckets, 1)).allowed) allowed++
    await here.close()
    expect(allowed + (await useUp(there, buckets))).toBe(1000)
  })

  test('hold a key to its own limit, and a refusal of one bucket costs the other nothing', async () => {
    const [here, there] = await serveTwo()
    const both = [...bucket('user:a', 20), ...bucket('key:a', 5)]
    expect((await useUp(here, both)) + (await useUp(there, both))).toBe(5)
    const user = bucket('user:a', 20)
    let allowed = 0
    const drain = async () => (allowed += (await useUp(here, user)) + (await useUp(there, user)))
    await expect.poll(drain, { timeout: 10_000, interval: 200 }).toBe(15)
  })

  test('drop steps of the future, after the clock of Redis was set back, with the step under way', async () => {
    const prefix = `extropy:test:${randomUUID()}:`
    const client = await createClient({ url }).connect()
    const inTenYears = Math.floor(Date.now() / 60_000) + 10 * 365 * 24 * 60
    await client.hSet(`${prefix}user:a`, String(inTenYears), '7')
    const limiter = await serve(prefix)
    expect(await limiter.charge(bucket('user:a', 7), 1)).toMatchObject({ allowed: false })
    const steps = Object.keys(await client.hGetAll(`${prefix}user:a`)).map(Number)
    expect(steps).toEqual([expect.closeTo(Math.floor(Date.now() / 60_000), -0.5)])
    expect((await limiter.charge(bucket('user:a', 7), 1)).resetSeconds).toBeLessThanOrEqual(3660)
    client.destroy()
  })

  test('do not take their own standstill for a Redis that hangs', async () => {
    const limiter = await serve(`extropy:test:${randomUUID()}:`)
    const asked = limiter.charge(bucket('user:a', 10), 1)
    for (const until = performance.now() + 600; performance.now() < until; );
    expect((await asked).allowed).toBe(true)
    expect(limiter.chargeNow(bucket('user:b', 10), 1)).toBeUndefined()
  })

  test('delay only the requests of a quarter of a second when Redis hangs', async () => {
    const proxy = await createTcpProxy(new URL(url))
    closing.push(() => proxy.close())
    const limiter = await serve(`extropy:test:${randomUUID()}:`, `redis://127.0.0.1:${proxy.port}`)
    const slow = async () => {
      const startedAt = performance.now()
      await limiter.charge(bucket(`user:${randomUUID()}`, 10), 1)
      return performance.now() - startedAt > 100
    }
    expect(await slow()).toBe(false)
    proxy.freeze()
    const first = await Promise.all(Array.from({ length: 5 }, slow))
    expect(first).toContain(true)
    // Longer than it takes to look whether it answers again: nobody else waits for that.
    const until = performance.now() + 1500
    let [asked, late] = [0, 0]
    for (; performance.now() < until; asked++) {
      if (await slow()) late++
      await sleep(5)
    }
    // A busy machine makes one wait too; Redis would make every one.
    expect(late).toBeLessThanOrEqual(asked / 10)
    expect(asked).toBeGreaterThan(30)
    await proxy.restore()
    const isShared = () => limiter.chargeNow(bucket(`user:${randomUUID()}`, 1), 1) === undefined
    await expect.poll(isShared, { timeout: 10_000 }).toBe(true)
  }, 20_000)
})
