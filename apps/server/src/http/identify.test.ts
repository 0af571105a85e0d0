import { createAccount, createKeyOf, createTestDeps, type TestAccount } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
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

test('each request is charged once, and says what is left', async () => {
  const get = server(100)
  const { key } = await createKeyOf(deps, owner.userId, 'read')
  const left: (string | null)[] = []
  for (let n = 0; n < 3; n++) left.push((await get(key)).headers.get('ratelimit-remaining'))
  expect(left).toEqual(['999999', '999998', '999997'])
  const response = await get(key)
  expect(response.headers.get('ratelimit-limit')).toBe('1000000')
})

test('a flood of wrong keys ends in 429 for its address, and the owner of a right one goes on from there', async () => {
  const get = server(5)
  const address = '203.0.113.9'
  const statuses: number[] = []
  for (let n = 0; n < 8; n++) statuses.push((await get(wrongKey(n), address)).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  expect((await get(undefined, address)).status).toBe(429)
  expect((await get(owner.key, address)).status).toBe(200)
  expect((await get(undefined, '203.0.113.10')).status).toBe(200)
})

test('a wrong key is refused where none is needed, too; health stays uncounted', async () => {
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
