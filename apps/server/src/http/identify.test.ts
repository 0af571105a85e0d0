import { createAccount, createTestCaller, createTestDeps, type TestAccount } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { rateLimitOf } from '../testing/rate-limit.ts'
import { networkOf } from './address.ts'
import { createApp } from './app.ts'

let database: TestDatabase
let deps: Awaited<ReturnType<typeof createTestDeps>>
let owner: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  owner = await createAccount(deps)
})
afterAll(() => database.close())

const server = (anonymousPerHour: number) => {
  const app = createApp({ ...deps }, pino({ level: 'silent' }), { anonymousPerHour, trustedProxies: 1 }).hono
  return (key?: string, address = '198.51.100.7', path = '/api/patterns') =>
    app.request(path, {
      headers: { 'x-forwarded-for': address, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    })
}
const wrongKey = (n: number) => `extro_live_${String(n).padStart(64, '0')}`

test('each request is charged once, and its answer says what is left', async () => {
  const get = server(100)
  const { key } = await createAccount(deps)
  for (const remaining of [999_999, 999_998, 999_997]) {
    const response = await get(key)
    expect(rateLimitOf(response)).toEqual({ limit: 1_000_000, remaining, resetSeconds: expect.any(Number) })
    expect(response.headers.get('ratelimit-policy')).toBe('"hour";q=1000000;w=3600')
  }
})

test('keys do not add up: a key that is replaced again and again keeps its user’s limit', async () => {
  const get = server(100)
  const user = await createAccount(deps)
  const limit = 5
  await deps.db.updateTable('apiKeys').set({ rateLimitPerHour: limit }).where('userId', '=', user.userId).execute()
  let { key } = user
  let answered = 0
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 3; n++) if ((await get(key)).status === 200) answered++
    const principal = await deps.keys.authenticate(key)
    const asUser = createTestCaller(deps, principal)
    const next = await asUser.keys.create({ name: 'next', scopes: ['read', 'write'], rateLimitPerHour: limit })
    await asUser.keys.revoke({ id: principal?.keyId as string })
    key = next.key
  }
  expect(answered).toBe(limit)
})

test('a key with a smaller limit is held to it, and its user’s other keys may use the rest', async () => {
  const get = server(100)
  const user = await createAccount(deps)
  const small = await user.as().keys.create({ name: 'small', scopes: ['read'], rateLimitPerHour: 2 })
  expect(rateLimitOf(await get(small.key))).toMatchObject({ limit: 2, remaining: 1 })
  expect(rateLimitOf(await get(small.key))).toMatchObject({ limit: 2, remaining: 0 })
  for (let n = 0; n < 2; n++) expect((await get(small.key)).status).toBe(429)
  expect(rateLimitOf(await get(user.key))).toMatchObject({ limit: 1_000_000, remaining: 999_997 })
})

test('a flood of wrong keys gets 429 for its address, from which the owner of a right key is still served', async () => {
  const get = server(5)
  const address = '203.0.113.9'
  const statuses: number[] = []
  for (let n = 0; n < 8; n++) statuses.push((await get(wrongKey(n), address)).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect((await get(undefined, address)).status).toBe(429)
  expect((await get(owner.key, address)).status).toBe(200)
  expect((await get(undefined, '203.0.113.10')).status).toBe(200)
})

test('a wrong key is refused even where none is needed; health stays uncounted', async () => {
  const get = server(1)
  expect((await get(wrongKey(1), '203.0.113.20')).status).toBe(401)
  for (let n = 0; n < 5; n++) expect((await get(undefined, '203.0.113.20', '/health')).status).toBe(200)
})

test('one network is one caller: IPv4 by address, IPv6 by its first 64 bits', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('2001:db8:0:1:2:3:4:5')).toBe('2001:db8:0:1::/64')
  expect(networkOf('2001:db8::5')).toBe('2001:db8:0:0::/64')
  expect(networkOf('2001:DB8::1:ffff:0:0:9')).toBe(networkOf('2001:db8:0:1::1'))
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
})
