import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { createMemoryLimiter, type Deps } from '@extropy/api'
import { createRedisLimiter } from '@extropy/api/redis-limiter'
import { createAccount, createTestDeps, createWorld, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { rateLimitOf } from '../testing/rate-limit.ts'
import { rpcPath } from '../testing/read-write.ts'
import { type AppOptions, createApp } from './app.ts'
import { createHttpServer } from './http-server.ts'

const silent = pino({ level: 'silent' })
let database: TestDatabase
let deps: Deps
let world: World
let url: string
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  world = await createWorld(deps)
  url = (await listen()).url
})
afterAll(async () => {
  for (const close of closing) await close()
  await database.close()
})

/** A server, and how many requests got past its fast path: all, where it is told to do without. */
async function listen(options: AppOptions = {}, its: Partial<Deps> = {}, isFast = true) {
  const app = createApp({ ...deps, ...its }, silent, { anonymousPerHour: 1e9, ...options })
  const passed = { count: 0 }
  const fastPath: typeof app.fastPath = (req, res) => {
    const done = isFast && app.fastPath(req, res)
    if (!done) passed.count++
    return done
  }
  const server = createHttpServer({ ...app, fastPath }, silent).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, passed }
}

const bearer = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` })
/** Headers that differ between two requests for the same. */
const own = new Set(['date', 'x-request-id', 'ratelimit', 'server-timing', 'age'])

/** With these headers and no others: `fetch` adds some of its own to a conditional request. */
async function rawGet(address: string, headers: Record<string, string>) {
  const sent = request(address, { headers }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>)
  return {
    status: response.statusCode,
    body: Buffer.concat(chunks).toString('latin1'),
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, own.has(name) ? 'its own' : value]),
    ),
  }
}

describe('a hit before Hono', () => {
  const batch = `/trpc/cards.list,users.byId?batch=1&input=`
  const page = 'https://app.example.org'
  const cases: [string, (w: World) => [path: string, headers?: Record<string, string>, options?: AppOptions]][] = [
    ['REST', () => ['/api/cards?limit=20']],
    ['RPC', () => [rpcPath('cards.list', { limit: 20 })]],
    ['with a key', (w) => ['/api/users/me', bearer(w.owner)]],
    ['what a key may see', (w) => [`/api/users/${w.owner.userId}`, bearer(w.owner)]],
    ['anonymous', (w) => [`/api/users/${w.owner.userId}`]],
    ['compressed', () => ['/api/cards?limit=20', { 'accept-encoding': 'br' }]],
    ['a batch', (w) => [batch + encodeURIComponent(JSON.stringify({ 1: { id: w.owner.userId } })), bearer(w.owner)]],
    ['behind a proxy', () => ['/api/cards?limit=6', { 'x-forwarded-for': '192.0.2.1' }, { trustedProxies: 1 }]],
    ['for a page', () => ['/api/cards?limit=6', { origin: page }, { corsOrigins: [page] }]],
    ['for another page', () => ['/api/cards?limit=6', { origin: 'https://x.test' }, { corsOrigins: [page] }]],
    ['for no page, where some may read it', () => ['/api/cards?limit=6', {}, { corsOrigins: [page] }]],
    ['for any page', () => ['/api/cards?limit=6', { origin: page }, { corsOrigins: ['*'] }]],
    ['for no page, where all may read it', () => ['/api/cards?limit=6', {}, { corsOrigins: ['*'] }]],
    ['for a page that may not', () => ['/api/cards?limit=6', { origin: page }]],
    ['that CDNs may keep', () => ['/api/cards?limit=6', {}, { httpMaxAgeSeconds: 30 }]],
  ]
  test.each(cases)('%s: the same in every header and byte as by Hono', async (_, given) => {
    const [path, headers = {}, options] = given(world)
    const [server, slow] = [await listen(options), await listen(options, {}, false)]
    const ask = ({ url: address }: { url: string }, extra: Record<string, string> = {}) =>
      rawGet(address + path, { 'accept-encoding': 'identity', ...headers, ...extra })
    await ask(server)
    const before = server.passed.count
    const fast = await ask(server)
    const bySlow = await ask(slow)
    expect(bySlow).toMatchObject({ status: 200, headers: { 'x-cache': 'HIT' } })
    expect(fast).toEqual(bySlow)
    // And once more: a batch asked for again is sent in one piece.
    expect(await ask(server)).toEqual(bySlow)
    const condition = { 'if-none-match': String(fast.headers.etag) }
    const known = await ask(server, condition)
    expect(known).toEqual(await ask(slow, condition))
    expect(known).toMatchObject({ status: 304, body: '' })
    expect(server.passed.count).toBe(before)
  })

  test('is not for callers who ask for JSON Lines, by either header: tRPC answers them', async () => {
    const path = `${url}/trpc/cards.list?batch=1`
    for (let n = 0; n < 2; n++) await rawGet(path, {})
    for (const name of ['accept', 'trpc-accept']) {
      const { body, headers } = await rawGet(path, { [name]: 'application/jsonl' })
      expect([name, body.slice(0, 5), headers['x-cache']]).toEqual([name, '{"0":', undefined])
    }
  })

  test('charges the key, and refuses with 429 when nothing is left', async () => {
    const { key, userId } = await createAccount(deps)
    await database.db.updateTable('apiKeys').set({ rateLimitPerHour: 4 }).where('userId', '=', userId).execute()
    const statuses = []
    for (let n = 0; n < 6; n++) {
      const response = await fetch(`${url}/api/cards?limit=3`, { headers: bearer({ key }) })
      statuses.push([response.status, rateLimitOf(response).remaining])
    }
    expect(statuses).toEqual([
      [200, 3],
      [200, 2],
      [200, 1],
      [200, 0],
      [429, 0],
      [429, 0],
    ])
  })

  test('is refused to a caller whose key is revoked, wrong or missing', async () => {
    const account = await createAccount(deps)
    const ask = (headers: Record<string, string>) => fetch(`${url}/api/users/me`, { headers })
    for (const cache of ['MISS', 'HIT', 'HIT']) {
      const response = await ask(bearer(account))
      expect([response.status, response.headers.get('x-cache')]).toEqual([200, cache])
    }
    expect((await ask({})).status).toBe(401)
    expect((await ask(bearer({ key: `${account.key.slice(0, -1)}~` }))).status).toBe(401)
    await account.as().keys.revoke({ id: account.principal.keyId })
    expect((await ask(bearer(account))).status).toBe(401)
  })

  test('charges the address that the trusted proxy names', async () => {
    const server = await listen({ trustedProxies: 1, anonymousPerHour: 3 }, { limiter: createMemoryLimiter() })
    const ask = async (address: string) => {
      const response = await fetch(`${server.url}/api/cards`, { headers: { 'x-forwarded-for': `1.1.1.1, ${address}` } })
      return [response.status, rateLimitOf(response).remaining]
    }
    for (const answer of [
      [200, 2],
      [200, 1],
      [200, 0],
      [429, 0],
    ])
      expect(await ask('192.0.2.1')).toEqual(answer)
    const before = server.passed.count
    for (const answer of [
      [200, 2],
      [200, 1],
    ])
      expect(await ask('192.0.2.2')).toEqual(answer)
    expect(server.passed.count).toBe(before)
  })
})

if (process.env.TEST_REDIS_URL) {
  test('answers most requests even where servers share a limit in Redis, and the limit holds exactly', async () => {
    const limiter = createRedisLimiter({ url: process.env.TEST_REDIS_URL as string })
    closing.push(() => limiter.close())
    const server = await listen({}, { limiter })
    const { key, userId } = await createAccount(deps)
    await database.db.updateTable('apiKeys').set({ rateLimitPerHour: 200 }).where('userId', '=', userId).execute()
    const ask = async () => (await fetch(`${server.url}/api/cards?limit=3`, { headers: bearer({ key }) })).status
    await expect.poll(() => limiter.chargeNow([{ name: `user:${userId}:new`, limit: 1 }], 1)).toBeUndefined()
    for (let n = 0; n < 150; n++) expect(await ask()).toBe(200)
    expect(server.passed.count).toBeLessThan(50)
    const statuses = await Promise.all(Array.from({ length: 80 }, ask))
    expect(statuses.filter((status) => status === 200)).toHaveLength(50)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
  })
}

test('a request head longer than 16 kB is refused with advice', async () => {
  const response = await fetch(`${url}/query/rag?prompt=${'a'.repeat(100_000)}`)
  expect(response.status).toBe(431)
  expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('POST') } })
})

test('a body that is too long is refused, and its connection is not used again', async () => {
  const sent = request(`${url}/query/rag`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  sent.on('error', () => {})
  sent.end(JSON.stringify({ prompt: 'a'.repeat(3e6) }))
  const [{ statusCode, headers }] = (await once(sent, 'response')) as [IncomingMessage]
  expect([statusCode, headers.connection]).toEqual([413, 'close'])
})

test('a malformed HTTP request gets an error answer', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('hello\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 [\s\S]*is malformed HTTP/)
})

test('malformed JSON gets the same error at every door', async () => {
  const headers = { 'content-type': 'application/json', ...bearer(world.owner) }
  const errors = []
  for (const path of ['/trpc/query.rag', '/query/rag', '/trpc/users.update']) {
    const response = await fetch(url + path, { method: 'POST', headers, body: '{' })
    const { error } = (await response.json()) as { error: { message: string; code: number; data: { code: string } } }
    errors.push([response.status, error.message, error.code, error.data.code])
  }
  expect(errors[0]).toMatchObject([400, expect.stringContaining('is not valid JSON'), -32600, 'BAD_REQUEST'])
  expect(new Set(errors.map(String)).size).toBe(1)
})

test('a server with MAX_IN_FLIGHT requests refuses more at once, and goes on with the others', async () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const slow = { ...deps.embedder, embed: (texts: readonly string[]) => gate.then(() => deps.embedder.embed(texts)) }
  const app = createApp({ ...deps, embedder: slow }, silent, { maxInFlight: 3 })
  const ask = (n: number) => app.hono.request(`/query/rag?prompt=overload+${n}`)
  const working = [1, 2, 3].map(ask)
  const refused = await ask(4)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ error: { data: { reason: 'overloaded' } } })
  expect((await app.hono.request('/health')).status).toBe(200)
  open()
  for (const response of await Promise.all(working)) expect(response.status).toBe(200)
  expect((await ask(5)).status).toBe(200)
})

test.each([
  ['/query/answer?prompt=order', {}],
  [
    '/trpc/query.answer?batch=1&input=%7B%220%22%3A%7B%22prompt%22%3A%22order%22%7D%7D',
    { 'trpc-accept': 'application/jsonl' },
  ],
])('a stream is worked on for as long as it lasts: %s', async (path, headers) => {
  const writer = {
    model: 'endless',
    async *write(_: unknown, signal: AbortSignal) {
      yield 'Once '
      await once(signal, 'abort')
    },
  }
  const app = createApp({ ...deps, writer }, silent, { maxInFlight: 2 })
  const server = createHttpServer({ ...app, fastPath: () => false }, silent).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const streams = [1, 2].map(() =>
    request(address + path, { headers })
      .on('error', () => {})
      .end(),
  )
  const status = async () => (await fetch(`${address}/api/users`)).status
  await Promise.all(streams.map((stream) => once(stream, 'response')))
  expect(await status()).toBe(503)
  streams[0]?.destroy()
  await expect.poll(status).toBe(200)
  streams[1]?.destroy()
  server.closeAllConnections()
  server.close()
})

test('a deadline ends a slow call with 504, and leaves the rest of a batch alone', async () => {
  const never = { ...deps.embedder, embed: () => new Promise<never>(() => {}) }
  const app = createApp({ ...deps, embedder: never }, silent, { deadlineMs: 100 })
  const alone = await app.hono.request('/query/rag?prompt=never')
  expect([alone.status, await alone.json()]).toMatchObject([504, { error: { data: { reason: 'deadline_exceeded' } } }])
  const input = encodeURIComponent(JSON.stringify({ 0: { prompt: 'never ever' }, 1: { limit: 2 } }))
  const batch = await app.hono.request(`/trpc/query.rag,cards.list?batch=1&input=${input}`)
  expect(batch.status).toBe(207)
  expect(await batch.json()).toMatchObject([{ error: { data: { code: 'GATEWAY_TIMEOUT' } } }, { result: {} }])
  const past = await app.hono.request('/query/rag?prompt=never', { headers: { 'cache-control': 'no-cache' } })
  expect(past.status).toBe(504)
})

test('a method that a path does not take is 405, with the allowed methods', async () => {
  for (const [method, path, allowed] of [
    ['DELETE', '/query/rag', 'GET, HEAD, POST'],
    ['PUT', `/api/cards/${world.publishedCardId}`, 'DELETE, GET, HEAD, PATCH'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['PATCH', '/trpc/cards.list', 'GET, POST'],
  ] as const) {
    const response = await fetch(url + path, { method })
    expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, allowed])
    expect(await response.json()).toMatchObject({ error: { data: { reason: 'method_not_allowed' } } })
  }
  expect((await fetch(`${url}/nowhere`, { method: 'DELETE' })).status).toBe(404)
})

test('every answer forbids content sniffing, and a page also restricts its scripts', async () => {
  const paths = ['/api/cards', '/nowhere', '/health', '/trpc/cards.list', '/docs', '/docs/reference.js']
  for (const path of paths) {
    const { headers } = await fetch(url + path)
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
    const isPage = path.startsWith('/docs')
    expect(headers.get('content-type')).toMatch(isPage ? /^text\/(html|javascript)/ : /^application\/json/)
    expect(headers.get('content-security-policy') ?? '').toContain(isPage ? "default-src 'none'" : '')
    expect([path, headers.has('content-security-policy'), headers.has('referrer-policy')]).toEqual([
      path,
      isPage,
      isPage,
    ])
  }
})

test('only the pages of configured origins may read an answer', async () => {
  const origin = 'https://app.example.org'
  const allowed = await listen({ corsOrigins: [origin] })
  const ask = async (server: string, from: string, method = 'GET') => {
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
    const headers = { origin: from, ...(method === 'OPTIONS' ? preflight : {}) }
    const response = await fetch(`${server}/api/users/${world.owner.userId}`, { method, headers })
    const [page, vary] = ['access-control-allow-origin', 'vary'].map((name) => response.headers.get(name))
    return [response.status, page, vary]
  }
  // A CDN must not give one page's answer to another.
  const varies = 'accept-encoding, authorization, origin'
  expect(await ask(allowed.url, origin)).toEqual([200, origin, varies])
  expect(await ask(allowed.url, origin, 'OPTIONS')).toEqual([204, origin, 'origin'])
  expect(await ask(allowed.url, 'https://evil.example.org')).toEqual([200, null, varies])
  expect(await ask(url, origin)).toEqual([200, null, 'accept-encoding, authorization'])
})

test('no part of a request is echoed into a header', async () => {
  const evil = 'a\r\nset-cookie: x=1'
  const response = await fetch(`${url}/api/cards?category=${encodeURIComponent(evil)}`, {
    headers: { 'x-request-id': 'a b; c' },
  })
  expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null])
  expect(response.headers.get('x-request-id')).toMatch(/^[\w-]+$/)
})

if (inject('databaseTemplate').kind === 'postgres') {
  test('a caller who hangs up cancels the query', async () => {
    const blocker = await createBlocker()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`GET /api/cards?limit=7 HTTP/1.1\r\nhost: x\r\n\r\n`)
    await expect.poll(blocker.waiting).toBe(1)
    socket.destroy()
    await expect.poll(blocker.waiting, { interval: 5, timeout: 1000 }).toBe(0)
    await blocker.end()
    expect((await fetch(`${url}/api/cards?limit=7`)).status).toBe(200)
  })

  test.each(['cards.list', 'cards.list,users.list'])(
    'a caller who hangs up cancels a query whose answer comes as JSON Lines: %s',
    async (names) => {
      const blocker = await createBlocker()
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.write(`GET /trpc/${names}?batch=1 HTTP/1.1\r\nhost: x\r\ntrpc-accept: application/jsonl\r\n\r\n`)
      await expect.poll(blocker.waiting).toBe(1)
      socket.destroy()
      await expect.poll(blocker.waiting, { interval: 5, timeout: 1000 }).toBe(0)
      await blocker.end()
    },
  )

  test('a deadline also ends a query whose answer comes as JSON Lines', async () => {
    const blocker = await createBlocker()
    const app = createApp(deps, silent, { deadlineMs: 100 })
    for (const name of ['accept', 'trpc-accept']) {
      const headers = { [name]: 'application/jsonl' }
      const response = await app.hono.request('/trpc/cards.list?batch=1', { headers })
      expect(await response.text()).toContain('GATEWAY_TIMEOUT')
    }
    await blocker.end()
  })

  test('of two callers who wait for one query, the one who stays gets the answer', async () => {
    const blocker = await createBlocker()
    const leaving = new AbortController()
    const first = fetch(`${url}/api/cards?limit=8`, { signal: leaving.signal }).catch(() => 'left')
    await expect.poll(blocker.waiting).toBe(1)
    const second = fetch(`${url}/api/cards?limit=8`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    leaving.abort()
    expect(await first).toBe('left')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await blocker.waiting()).toBe(1)
    await blocker.end()
    expect((await second).status).toBe(200)
  })
}

/** Holds the cards, and says how many statements wait for them. */
async function createBlocker() {
  const [holder, watcher] = [new pg.Client(database.url), new pg.Client(database.url)]
  await Promise.all([holder.connect(), watcher.connect()])
  await holder.query('begin; lock table cards in access exclusive mode')
  return {
    async waiting(): Promise<number> {
      const { rows } = await watcher.query(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`,
      )
      return rows[0].count
    },
    async end() {
      await holder.query('rollback')
      await Promise.all([holder.end(), watcher.end()])
    },
  }
}
