import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { type KyselyPlugin, sql } from 'kysely'
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

/** The same database, with something done before each statement's text is made, and before its answer is told. */
function watched(before: () => void, after: () => Promise<unknown> = async () => {}) {
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      before()
      return node
    },
    async transformResult({ result }) {
      await after()
      return result
    },
  }
  return database.db.withPlugin(plugin)
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

test('counts that are half handed over when the database goes away are counted once', async () => {
  let [isAlone, passing] = [true, Number.POSITIVE_INFINITY]
  const db = watched(() => {
    if (passing-- <= 0) throw new Error('away')
  })
  const first = createDatabaseLimiter(db, { isAlone: () => isAlone, aloneAfterMs: 0 })
  onTestFinished(() => first.close())
  await vi.waitUntil(() => first.chargeNow(bucket('user:first', 10), 1) !== undefined, { timeout: 10_000 })
  for (let n = 0; n < 700; n++) expect(first.chargeNow(bucket(`user:${n}`, 10), 1)?.allowed).toBe(true)
  isAlone = false
  passing = 1
  await expect(first.meet()).rejects.toThrow('away')
  passing = Number.POSITIVE_INFINITY
  await first.meet()
  const rows = await database.db.selectFrom('rateLimits').select(['bucket', 'counts']).execute()
  expect(rows).toHaveLength(701)
  expect(rows.filter(({ counts }) => counts.reduce((sum, each) => sum + each, 0) !== 1)).toEqual([])
})

test('what waited in vain while the database hung is not charged there later', { timeout: 20_000 }, async () => {
  const { promise: hanging, resolve: goOn } = Promise.withResolvers<void>()
  let isHanging = true
  const db = watched(
    () => {},
    async () => isHanging && hanging,
  )
  const limiter = createDatabaseLimiter(db)
  onTestFinished(() => limiter.close())
  // Two statements are under way at once; the third one waits.
  const names = ['user:a', 'user:b', 'user:c']
  const charged = await Promise.all(names.map((name) => charge(limiter, bucket(name, 10))))
  expect(charged.map(({ allowed }) => allowed)).toEqual([true, true, true])
  isHanging = false
  goOn()
  const rows = async () =>
    (await database.db.selectFrom('rateLimits').select('bucket').execute()).map((row) => row.bucket)
  await vi.waitUntil(
    async () => {
      await charge(limiter, bucket('user:d', 1e6))
      return (await rows()).includes('user:d')
    },
    { timeout: 10_000 },
  )
  expect(await rows()).not.toContain('user:c')
})

test('a server that is alone leaves more counts than it has room for where they are', async () => {
  const many = 20_001
  await sql`
    insert into rate_limits (bucket, step, counts)
    select 'address:' || n, extract(epoch from clock_timestamp()) * 1000 / ${stepMs}::int, array[1]
    from generate_series(1, ${many}::int) as n`.execute(database.db)
  let statements = 0
  const limiter = createDatabaseLimiter(
    watched(() => statements++),
    { isAlone: () => true, aloneAfterMs: 0 },
  )
  onTestFinished(() => limiter.close())
  // Each look prunes, and counts.
  await vi.waitUntil(() => statements >= 4, { timeout: 15_000 })
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from rate_limits`.execute(database.db)
  expect(rows).toEqual([{ count: many }])
})
