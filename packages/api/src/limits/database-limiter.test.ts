import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createDatabaseLimiter, type DatabaseLimiter } from './database-limiter.ts'
import { stepMs } from './window.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
beforeEach(() => database.db.deleteFrom('rateLimits').execute())
afterAll(() => database.close())

const bucket = (name: string, limit: number) => [{ name, limit }]

function serve(options: { isAlone?: () => boolean } = {}): DatabaseLimiter {
  const onError = (error: unknown) => expect.fail(String(error))
  const limiter = createDatabaseLimiter(database.db, { onError, aloneAfterMs: 0, ...options })
  onTestFinished(() => limiter.close())
  return limiter
}

const charge = async (limiter: DatabaseLimiter, buckets: ReturnType<typeof bucket>, cost = 1) =>
  limiter.chargeNow(buckets, cost) ?? limiter.charge(buckets, cost)

/** How many get through until there is a refusal. */
async function useUp(limiter: DatabaseLimiter, buckets: ReturnType<typeof bucket>): Promise<number> {
  for (let allowed = 0; ; allowed++) if (!(await charge(limiter, buckets)).allowed) return allowed
}

test('two servers let exactly the limit through in all, however many requests come at once', async () => {
  const [here, there] = [serve(), serve()]
  const asked = Array.from({ length: 200 }, (_, n) => charge(n % 2 ? here : there, bucket('user:a', 50)))
  const charges = await Promise.all(asked)
  expect(charges.filter(({ allowed }) => allowed)).toHaveLength(50)
  expect(Math.min(...charges.map(({ remaining }) => remaining))).toBe(0)
  const refused = charges.find(({ allowed }) => !allowed)
  expect(refused?.resetSeconds).toBeGreaterThan(3500)
  expect(refused?.resetSeconds).toBeLessThanOrEqual(3660)
})

test('a busy caller is mostly charged without a statement, and the limit still holds exactly', async () => {
  const [here, there] = [serve(), serve()]
  const limit = 3000
  let [atOnce, allowed] = [0, 0]
  for (let n = 0; n < limit; n++) {
    const limiter = n % 3 ? here : there
    const now = limiter.chargeNow(bucket('user:a', limit), 1)
    if (now !== undefined) atOnce++
    if ((now ?? (await limiter.charge(bucket('user:a', limit), 1))).allowed) allowed++
  }
  expect(atOnce / limit).toBeGreaterThan(0.9)
  const drain = async () => {
    for (const limiter of [here, there]) allowed += await useUp(limiter, bucket('user:a', limit))
    return allowed
  }
  await expect.poll(drain, { timeout: 20_000, interval: 200 }).toBe(limit)
})

test('of two buckets the tighter one decides, and a refusal of one costs the other nothing', async () => {
  const limiter = serve()
  const both = [...bucket('user:a', 5), ...bucket('key:a', 2)]
  expect(await useUp(limiter, both)).toBe(2)
  expect(await useUp(limiter, bucket('user:a', 5))).toBe(3)
})

test('an hour later there is room again, and after a clock that was set back no later', async () => {
  const limiter = serve()
  expect(await useUp(limiter, bucket('user:a', 3))).toBe(3)
  const move = (steps: number) => sql`update rate_limits set step = step - ${steps}`.execute(database.db)
  await move(60)
  expect(await useUp(serve(), bucket('user:a', 3))).toBe(0)
  await move(1)
  expect(await useUp(serve(), bucket('user:a', 3))).toBe(3)
  await move(-10 * 365 * 24 * 60)
  const { allowed, resetSeconds } = await charge(serve(), bucket('user:a', 3))
  expect(allowed).toBe(false)
  expect(resetSeconds).toBeLessThanOrEqual((61 * stepMs) / 1000)
})

test('a server that is alone counts without the database, and hands its counts over when another one comes', async () => {
  let isAlone = true
  const first = serve({ isAlone: () => isAlone })
  expect((await charge(first, bucket('user:a', 10))).allowed).toBe(true)
  const rows = () => database.db.selectFrom('rateLimits').select('bucket').execute()
  await vi.waitUntil(async () => (await rows()).length === 0, { timeout: 10_000 })
  for (let n = 0; n < 5; n++) expect(first.chargeNow(bucket('user:a', 10), 1)?.allowed).toBe(true)
  expect(await rows()).toEqual([])
  isAlone = false
  await first.meet()
  const second = serve()
  expect((await useUp(second, bucket('user:a', 10))) + (await useUp(first, bucket('user:a', 10)))).toBe(4)
})

test('a server that stops leaves its counts to the next one', async () => {
  const first = createDatabaseLimiter(database.db, { isAlone: () => true, aloneAfterMs: 0 })
  await vi.waitUntil(() => first.chargeNow(bucket('user:b', 10), 1) !== undefined, { timeout: 10_000 })
  const left = await useUp(first, bucket('user:b', 10))
  expect(left).toBe(9)
  await first.close()
  expect(await useUp(serve(), bucket('user:b', 10))).toBe(0)
})
