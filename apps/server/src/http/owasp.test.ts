import {
  createKeyOf,
  createTestDeps,
  createWorld,
  draftCard,
  publishCard,
  secret,
  type World,
} from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { rateLimitOf } from '../testing/rate-limit.ts'
import { createApp } from './app.ts'
import type { AppEnv } from './app-env.ts'

/** One test for each item of the OWASP API Security Top 10, 2023. */
let database: TestDatabase
let app: Hono<AppEnv>
let world: World
const silent = pino({ level: 'silent' })
let deps: Awaited<ReturnType<typeof createTestDeps>>

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  app = createApp(deps, silent).hono
  world = await createWorld(deps)
})
afterAll(() => database.close())

const send = (method: string, path: string, key?: string, body?: unknown) =>
  app.request(path, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

test('API1 broken object level authorization: no route finds another user’s private card', async () => {
  const id = await draftCard(world.owner)
  const { key } = world.stranger
  for (const [method, path, body] of [
    ['GET', `/api/cards/${id}`],
    ['PATCH', `/api/cards/${id}`, { title: 'Mine now' }],
    ['DELETE', `/api/cards/${id}`],
    ['POST', `/api/cards/${id}/unpublish`],
    ['POST', '/api/cards', { ids: [id] }],
    ['POST', '/api/cards/drafts', { title: 'T', body: '', privacyLevel: 'IDEAS', parentCardId: id }],
    ['GET', `/api/attributions/${id}/graph`],
  ] as const) {
    const response = await send(method, path, key, body)
    expect([method, path, response.status]).toEqual([method, path, 404])
    expect(await response.text()).not.toContain(secret)
  }
  const absent = '00000000-0000-4000-8000-000000000000'
  const texts = await Promise.all(
    [id, absent].map(async (each) => (await send('GET', `/api/cards/${each}`, key)).text()),
  )
  const [there, notThere] = texts.map((text, n) =>
    text.replaceAll([id, absent][n] as string, 'ID').replace(/"requestId":"[^"]*"/, ''),
  )
  expect(there).toBe(notThere)
})

test('API2 broken authentication: unknown, revoked, expired and malformed keys get one and the same answer', async () => {
  const revoked = await createKeyOf(deps, world.owner.userId, 'admin')
  expect((await send('GET', '/api/users/me', revoked.key)).status).toBe(200)
  expect((await send('DELETE', `/api/keys/${revoked.principal.keyId}`, world.owner.key)).status).toBe(200)
  const expired = await createKeyOf(deps, world.owner.userId, 'read')
  await deps.db
    .updateTable('apiKeys')
    .set({ expiresAt: '2026-01-01T00:00:00Z' })
    .where('id', '=', expired.principal.keyId)
    .execute()
  const unknown = `extro_live_${'A'.repeat(64)}`
  const answers = new Set<string>()
  for (const key of [revoked.key, expired.key, unknown, 'extro_live_short', 'x', `${world.owner.key}x`]) {
    const response = await send('GET', '/api/users/me', key)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="extropy"'])
    answers.add((await response.text()).replace(/"requestId":"[^"]*"/, ''))
  }
  expect(answers.size).toBe(1)
})

test('API3 broken object property level authorization: no property is shown or set that is not the caller’s', async () => {
  const { owner, stranger } = world
  const profile = async (key?: string) => (await send('GET', `/api/users/${owner.userId}`, key)).json()
  expect(await profile(stranger.key)).toMatchObject({ email: null })
  expect(await profile(owner.key)).toMatchObject({ email: 'owner@example.org' })
  expect(JSON.stringify(await profile())).not.toMatch(/balance|@/i)
  for (const extra of [{ extropyBalance: '1000000' }, { email: 'x@example.org' }, { username: 'root' }]) {
    const response = await send('PATCH', `/api/users/${owner.userId}`, owner.key, { bio: 'x', ...extra })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(`${Object.keys(extra)[0]}: is not known here`)
  }
})

test('API4 unrestricted resource consumption: limits on requests, batches, bodies, pages and graphs', async () => {
  const { key, principal } = await createKeyOf(deps, world.owner.userId, 'read')
  await deps.db.updateTable('apiKeys').set({ rateLimitPerHour: 3 }).where('id', '=', principal.keyId).execute()
  expect((await send('GET', '/trpc/users.me,users.me?batch=1&input={}', key)).status).toBe(200)
  const last = await send('GET', '/api/users/me', key)
  expect([last.status, rateLimitOf(last).remaining]).toEqual([200, 0])
  const refused = await send('GET', '/api/users/me', key)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500)
  expect((await send('GET', '/api/cards?limit=101')).status).toBe(400)
  expect((await send('GET', `/api/attributions/${world.publishedCardId}/graph?depth=4`)).status).toBe(400)
  expect((await send('GET', `/api/attributions/${world.publishedCardId}/graph?maxNodes=1001`)).status).toBe(400)
})

test('API5 broken function level authorization: procedures for admins refuse every other key', async () => {
  const amount = { toUserId: world.stranger.userId, amount: '1' }
  for (const [method, path, body] of [
    ['POST', '/api/tokens/award', amount],
    ['POST', '/api/users', { username: 'x', email: 'x@example.org' }],
    ['GET', '/api/audit'],
    ['POST', '/api/keys', { name: 'k', scopes: ['admin'] }],
  ] as const) {
    expect([path, (await send(method, path, world.stranger.key, body)).status]).toEqual([path, 403])
  }
})

test('API6 unrestricted access to sensitive business flows: publishing again and again mints once', async () => {
  const { owner } = world
  const stats = async () =>
    (await (await send('GET', `/api/tokens/stats/${owner.userId}`, owner.key)).json()) as { earned: string }
  const before = await stats()
  const id = await publishCard(owner)
  for (let again = 0; again < 3; again++) {
    await send('POST', `/api/cards/${id}/unpublish`, owner.key)
    await send('POST', '/api/cards', owner.key, { ids: [id] })
  }
  await Promise.all(Array.from({ length: 5 }, () => send('POST', '/api/cards', owner.key, { ids: [id, id] })))
  expect(Number((await stats()).earned) - Number(before.earned)).toBe(1)
})

test('API7 server side request forgery: no field of these procedures is ever fetched', async () => {
  let fetched = false
  const { fetch } = globalThis
  globalThis.fetch = async () => {
    fetched = true
    return new Response()
  }
  try {
    const body = 'See ![x](http://169.254.169.254/latest) and <img src="http://127.0.0.1/">'
    const card = { title: 'http://127.0.0.1:1/', body, privacyLevel: 'IDEAS' }
    expect((await send('POST', '/api/cards', world.owner.key, { cards: [card] })).status).toBe(200)
  } finally {
    globalThis.fetch = fetch
  }
  expect(fetched).toBe(false)
})

test('API8 security misconfiguration: errors show no internals; only our own proxies may forward an address', async () => {
  const broken = createApp({ ...deps, db: undefined as never }, silent).hono
  const response = await broken.request('/api/cards')
  expect(response.status).toBe(500)
  expect(await response.text()).not.toMatch(/undefined|\.ts|node_modules/)
  const spoofed = createApp(await createTestDeps(database), silent, { anonymousPerHour: 2 }).hono
  const from = async (address: string) =>
    (await spoofed.request('/api/patterns', { headers: { 'x-forwarded-for': address } })).status
  expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.3')]).toEqual([200, 200, 429])
})

test('API9 improper inventory management: every route is in the OpenAPI document, with whether it needs a key', async () => {
  const { paths } = (await (await send('GET', '/openapi.json')).json()) as {
    paths: Record<string, Record<string, { security: object[] }>>
  }
  expect(paths['/api/tokens/transfer']?.post?.security).toEqual([{ apiKey: [] }])
  expect(paths['/api/cards']?.get?.security).toEqual([])
  expect(paths['/api/cards/{id}']?.get?.security).toEqual([{}, { apiKey: [] }])
  for (const route of ['/api/v1/cards', '/admin', '/debug', '/trpc/users.delete', '/api/tokens/mint']) {
    expect((await send('GET', route, world.admin.key)).status).toBe(404)
  }
})

test('API10 unsafe consumption of APIs: what others wrote is stored as text and comes back as JSON, never as HTML', async () => {
  const title = `<script>alert(1)</script> '; drop table cards; -- {{7*7}} \u202e`
  const id = await publishCard(world.owner, title)
  const response = await send('GET', `/api/cards/${id}`)
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(((await response.json()) as { title: string }).title).toBe(title)
})
