import { gunzipSync } from 'node:zlib'
import { createCacheRules, type Deps, type Procedure, procedures } from '@extropy/api'
import { createAccount, createTestDeps, createWorld, publishCard, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { rpcPath } from '../testing/read-write.ts'
import { type App, createApp } from './app.ts'

let database: TestDatabase
let deps: Deps
let app: App
let world: World
let queries: string[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'), { onQuery: ({ sql }) => queries.push(sql) })
  deps = await createTestDeps(database)
  app = createApp(deps, pino({ level: 'silent' }), { anonymousPerHour: 1e9 })
  world = await createWorld(deps)
  await deps.cache.clear()
  queries = []
})
afterAll(() => database.close())
afterEach(async () => {
  await deps.cache.clear()
  queries = []
})

const list = '/api/cards?limit=5'
const get = (path: string, headers: Record<string, string> = {}) => app.hono.request(path, { headers })
const as = (account: { key: string }) => ({ authorization: `Bearer ${account.key}` })
const said = (response: Response, ...names: string[]) => names.map((name) => response.headers.get(name))
const cache = (response: Response) => said(response, 'x-cache', 'x-cache-cause')

describe('a kept answer', () => {
  test('is a MISS, then a HIT of the same bytes without a query', async () => {
    const first = await get(list)
    expect(cache(first)).toEqual(['MISS', 'absent'])
    expect(queries.length).toBe(1)
    const second = await get(list)
    expect(cache(second)).toEqual(['HIT', 'fresh'])
    expect(queries.length).toBe(1)
    expect(await second.text()).toBe(await first.text())
    expect(said(second, 'age', 'content-type')).toEqual(['0', 'application/json'])
  })

  test('serves all spellings of a question, at both doors', async () => {
    await get(`/api/cards?userId=${world.owner.userId}&limit=20`)
    for (const path of [
      `/api/cards?limit=20&userId=${world.owner.userId}`,
      `/api/cards?userId=${world.owner.userId}`,
      rpcPath('cards.list', { userId: world.owner.userId }),
      rpcPath('cards.list', { limit: 20, userId: world.owner.userId }),
    ]) {
      expect([path, ...cache(await get(path))]).toEqual([path, 'HIT', 'fresh'])
    }
    expect(cache(await get(`/api/cards?userId=${world.stranger.userId}`))).toEqual(['MISS', 'absent'])
  })

  test('to a search serves GET, POST and RPC', async () => {
    await get('/query/rag?prompt=order&n_results=3')
    const post = await app.hono.request('/query/rag', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"n_results":3,"prompt":"order"}',
    })
    expect(cache(post)).toEqual(['HIT', 'fresh'])
    expect(cache(await get(rpcPath('query.rag', { prompt: 'order', nResults: 3 })))).toEqual(['HIT', 'fresh'])
  })

  test('is shared between callers only where it is public', async () => {
    await get(list)
    expect(cache(await get(list, as(world.owner)))).toEqual(['HIT', 'fresh'])
    expect(said(await get(list, as(world.owner)), 'cache-control', 'vary')).toEqual([
      'public, no-cache',
      'accept-encoding',
    ])
    await get('/api/users/me', as(world.owner))
    const mine = await get('/api/users/me', as(world.owner))
    expect([...cache(mine), ...said(mine, 'cache-control', 'vary')]).toEqual([
      'HIT',
      'fresh',
      'private, no-cache',
      'accept-encoding, authorization',
    ])
    const theirs = await get('/api/users/me', as(world.stranger))
    expect(cache(theirs)).toEqual(['MISS', 'absent'])
    expect(await theirs.json()).toMatchObject({ username: 'stranger' })
    expect((await get('/api/users/me')).status).toBe(401)
  })

  test('to a user who may see more is kept for that user alone, under the same path', async () => {
    const path = `/api/users/${world.owner.userId}`
    for (const [account, email] of [
      [world.owner, 'owner@example.org'],
      [world.stranger, null],
      [world.admin, 'owner@example.org'],
    ] as const) {
      for (const status of ['MISS', 'HIT']) {
        const response = await get(path, as(account))
        expect([cache(response)[0], ((await response.json()) as { email: unknown }).email]).toEqual([status, email])
      }
    }
    expect(await (await get(path)).json()).toMatchObject({ email: null })
  })

  test('for a user’s read-only key is another one than for their admin key', async () => {
    const path = '/api/cards/mine'
    await get(path, as(world.owner))
    expect(cache(await get(path, as(world.reader)))).toEqual(['MISS', 'absent'])
  })

  test('is refused to a revoked key from the next request on', async () => {
    const account = await createAccount(deps)
    await get('/api/users/me', as(account))
    expect(cache(await get('/api/users/me', as(account)))).toEqual(['HIT', 'fresh'])
    await account.as().keys.revoke({ id: account.principal.keyId })
    expect((await get('/api/users/me', as(account))).status).toBe(401)
    expect((await get(list, as(account))).status).toBe(401)
  })

  test('that shows an unpublished card is gone for all from the next request on', async () => {
    const id = await publishCard(world.owner)
    for (const headers of [{}, as(world.stranger)]) await get(`/api/cards/${id}`, headers)
    await world.owner.as().cards.unpublish({ id })
    for (const headers of [{}, as(world.stranger)]) expect((await get(`/api/cards/${id}`, headers)).status).toBe(404)
  })
})

describe('the cache never keeps', () => {
  test('errors', async () => {
    for (let n = 0; n < 2; n++) {
      const response = await get('/api/cards/00000000-0000-4000-8000-000000000000')
      expect([response.status, ...said(response, 'cache-control', 'etag')]).toEqual([404, 'no-store', null])
    }
    expect(deps.cache.stats().entries).toBe(0)
  })

  test.each([
    ['a request for a fresh answer', { 'cache-control': 'no-cache' }, 'no-cache'],
    ['one that must not be stored', { 'cache-control': 'max-age=0, no-store' }, 'no-store'],
    ['a part', { range: 'bytes=0-1' }, 'range'],
  ])('%s', async (_, headers, cause) => {
    await get(list)
    queries = []
    expect(cache(await get(list, headers))).toEqual(['BYPASS', cause])
    expect(queries.length).toBe(1)
  })

  test('health answers, and a read by POST that is not a search', async () => {
    expect(cache(await get('/health'))).toEqual(['BYPASS', 'excluded'])
    const post = await app.hono.request('/trpc/cards.list', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(cache(post)).toEqual(['BYPASS', 'method'])
  })
})

describe('revalidation', () => {
  test('gives 304 without a body while nothing has changed, 200 afterwards', async () => {
    const etag = (await get(list)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\/"[\w-]{27}\.rest"$/)
    for (const header of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
      const response = await get(list, { 'if-none-match': header })
      expect([response.status, await response.text(), ...said(response, 'etag', 'content-length')]).toEqual([
        304,
        '',
        etag,
        null,
      ])
    }
    await publishCard(world.owner, 'A newer one')
    const changed = await get(list, { 'if-none-match': etag })
    expect([changed.status, ...cache(changed)]).toEqual([200, 'MISS', 'invalidated'])
  })

  test('a garbled If-None-Match never matches', async () => {
    await get(list)
    for (const header of ['', '"', 'W/', 'ü'.normalize('NFD').replace(/[^ -~]/g, ''), ','.repeat(5000)]) {
      expect((await get(list, { 'if-none-match': header })).status).toBe(200)
    }
  })

  test('an answer that bypassed the cache can be revalidated', async () => {
    const fresh = await get(list, { 'cache-control': 'no-cache' })
    expect([...cache(fresh), ...said(fresh, 'age', 'cache-control')]).toEqual([
      'BYPASS',
      'no-cache',
      '0',
      'public, no-cache',
    ])
    expect((await get(list, { 'if-none-match': fresh.headers.get('etag') ?? '' })).status).toBe(304)
  })

  test.each([{ 'cache-control': 'max-age=0' }, { pragma: 'no-cache' }, { 'cache-control': 'max-age=0, private' }])(
    'a reload gets what is kept, which no write has made untrue: %j',
    async (headers) => {
      await get(list)
      expect(cache(await get(list, headers))).toEqual(['HIT', 'fresh'])
      await publishCard(world.owner, 'After the reload')
      expect(cache(await get(list, headers))).toEqual(['MISS', 'invalidated'])
    },
  )

  test('HEAD gives the headers of GET', async () => {
    const { headers } = await get(list)
    const head = await app.hono.request(list, { method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', headers.get('etag')])
    expect(cache(head)).toEqual(['HIT', 'fresh'])
  })

  test('browsers and CDNs may keep public answers where the operator allows it', async () => {
    const lenient = createApp(deps, pino({ level: 'silent' }), { httpMaxAgeSeconds: 30 })
    const control = async (path: string, headers = {}) =>
      (await lenient.hono.request(path, { headers })).headers.get('cache-control')
    expect(await control(list)).toBe('public, max-age=30, stale-while-revalidate=30')
    expect(await control('/api/users/me', as(world.owner))).toBe('private, no-cache')
  })
})

describe('a batch', () => {
  const batch = (inputs: unknown[]) =>
    `/trpc/${inputs.map(() => 'cards.list').join(',')}?batch=1&input=${encodeURIComponent(JSON.stringify({ ...inputs }))}`

  test('of five calls, four of them cached, runs one query', async () => {
    for (const limit of [1, 2, 3, 4]) await get(`/api/cards?limit=${limit}`)
    queries = []
    const response = await get(batch([1, 2, 3, 4, 5].map((limit) => ({ limit }))))
    expect(queries.length).toBe(1)
    expect(cache(response)).toEqual(['MISS', 'fresh, fresh, fresh, fresh, absent'])
    const answers = (await response.json()) as { result: { data: unknown } }[]
    for (const [at, { result }] of answers.entries()) {
      expect(result.data).toEqual(await (await get(`/api/cards?limit=${at + 1}`)).json())
    }
    expect(cache(await get(batch([1, 2].map((limit) => ({ limit })))))).toEqual(['HIT', 'fresh, fresh'])
  })

  test('has the cache headers of its strictest call', async () => {
    const path = '/trpc/cards.list,users.me?batch=1'
    expect(said(await get(path, as(world.owner)), 'cache-control', 'vary')).toEqual([
      'private, no-cache',
      'accept-encoding, authorization',
    ])
    const mixed = await get('/trpc/cards.list,health.check?batch=1')
    expect(said(mixed, 'cache-control', 'etag')).toEqual(['no-store', null])
  })

  test.each(['[]', 'null', '1', '"x"'])(
    'with input that is not an object is refused, as by tRPC itself: %s',
    async (input) => {
      const path = '/trpc/cards.list,users.list?batch=1'
      const headers = { 'content-type': 'application/json' }
      const asked = [
        get(`${path}&input=${encodeURIComponent(input)}`),
        app.hono.request(path, { method: 'POST', headers, body: input }),
      ]
      for (const response of await Promise.all(asked)) {
        expect(response.status).toBe(400)
        const refusal = { error: { data: { code: 'BAD_REQUEST', reason: 'invalid_input' } } }
        expect(await response.json()).toMatchObject([refusal, refusal])
      }
    },
  )

  test('with an error in it answers 207 with the other results, and is not kept', async () => {
    const path = `/trpc/cards.list,cards.byId?batch=1&input=${encodeURIComponent('{"1":{"id":"x"}}')}`
    const response = await get(path)
    expect([response.status, ...said(response, 'cache-control')]).toEqual([207, 'no-store'])
    expect(await response.json()).toMatchObject([{ result: {} }, { error: { data: { reason: 'invalid_input' } } }])
  })
})

describe('compression', () => {
  test('runs once for each answer, in an encoding that the caller accepts; the ETag stays the same', async () => {
    for (let n = 0; n < 12; n++) await publishCard(world.owner, `Long ${n} ${'words '.repeat(20)}`)
    const plain = await get('/api/cards?limit=12')
    const text = await plain.text()
    for (const door of ['/api/cards?limit=12', rpcPath('cards.list', { limit: 12 })]) {
      const zipped = await get(door, { 'accept-encoding': 'gzip;q=0.5, zstd' })
      expect(said(zipped, 'content-encoding', 'vary')).toEqual(['gzip', 'accept-encoding'])
      const bytes = Buffer.from(await zipped.arrayBuffer())
      expect(bytes.length).toBeLessThan(text.length / 3)
      expect(gunzipSync(bytes).toString()).toContain(text)
      expect(Number(zipped.headers.get('content-length'))).toBe(bytes.length)
    }
    const br = await get('/api/cards?limit=12', { 'accept-encoding': 'gzip, br' })
    expect(said(br, 'content-encoding', 'etag')).toEqual(['br', plain.headers.get('etag')])
  })

  test.each(['identity', 'gzip;q=0', 'br;q=2', 'gzip;q=x', '*;q=0', ';;;,,,', 'deflate'])(
    'not where it is not taken: %s',
    async (encoding) => {
      expect(said(await get('/api/cards?limit=12', { 'accept-encoding': encoding }), 'content-encoding')).toEqual([
        null,
      ])
    },
  )
})

describe('the cache’s settings', () => {
  const serve = (settings: object) => {
    const cacheRules = createCacheRules({ ...deps.cacheRules.settings, ...settings })
    const { hono } = createApp({ ...deps, cacheRules }, pino({ level: 'silent' }), { anonymousPerHour: 1e9 })
    return (path: string, headers = {}) => hono.request(path, { headers })
  }

  test('an excluded path, or one whose rule is 0 seconds, is answered anew each time', async () => {
    for (const settings of [{ exclude: ['/api/cards'] }, { rules: { '/api/cards': 0 } }]) {
      const ask = serve(settings)
      for (let n = 0; n < 2; n++) expect(cache(await ask(list))).toEqual(['BYPASS', 'excluded'])
      await ask('/api/users')
      expect(cache(await ask('/api/users'))).toEqual(['HIT', 'fresh'])
    }
  })

  test('an answer is kept for the time of its rule', async () => {
    const ask = serve({ rules: { '/api/cards': 1 }, defaultTtlSeconds: 100 })
    await Promise.all([ask(list), ask('/api/users')])
    const status = async (path: string) => cache(await ask(path))[0]
    expect(await status(list)).toBe('HIT')
    await expect.poll(() => status(list), { timeout: 3000 }).toBe('STALE')
    expect(await status('/api/users')).toBe('HIT')
  })

  test('unknown parameters are refused, or ignored with CACHE_QUERY_PARAMS=off', async () => {
    const busted = `${list}&utm_source=x&_=1`
    expect((await get(busted)).status).toBe(400)
    const ask = serve({ queryParams: 'off' })
    await ask(list)
    expect(cache(await ask(busted))).toEqual(['HIT', 'fresh'])
    expect(await (await ask(busted)).text()).toBe(await (await ask(list)).text())
    // Parameters that the route knows still count, and so does the caller.
    expect(cache(await ask('/api/cards?limit=6&_=1'))).toEqual(['MISS', 'absent'])
    expect((await ask('/api/cards?limit=x&_=1')).status).toBe(400)
    await ask('/api/users/me?_=1', as(world.owner))
    expect(await (await ask('/api/users/me?_=1', as(world.stranger))).json()).toMatchObject({ username: 'stranger' })
  })

  test('/health/performance shows the cache’s settings', async () => {
    const ask = serve({ defaultTtlSeconds: 7, rules: { '/query': 8 }, exclude: ['/api/keys'], queryParams: 'off' })
    const shown = {
      default_ttl_seconds: 7,
      rules: { '/query': 8 },
      exclude: ['/health', '/api/jobs', '/api/imports', '/api/keys'],
      query_params: 'off',
    }
    expect(await (await ask('/health/performance')).json()).toMatchObject({ cache: { settings: shown } })
  })
})

test('Server-Timing breaks the time down into parts that add up to the whole', async () => {
  const timings = async (path: string) => {
    const header = (await get(path)).headers.get('server-timing') ?? ''
    const parts: Record<string, number> = Object.fromEntries(
      [...header.matchAll(/(\w+);dur=([\d.]+)/g)].map(([, name, ms]) => [name, Number(ms)]),
    )
    return parts
  }
  const { total = 0, ...parts } = await timings(list)
  expect(Object.keys(parts)).toEqual(['auth', 'cache', 'pool', 'db', 'serialize', 'app'])
  expect(parts.db).toBeGreaterThan(0)
  const sum = Object.values(parts).reduce((all, ms) => all + ms, 0)
  expect(Math.abs(sum - total)).toBeLessThan(0.1)
  expect(await timings(list)).toMatchObject({ db: 0, pool: 0, serialize: 0 })
})

test('a query’s input is checked once, whether its answer is in the cache or not', async () => {
  const input = procedures.get('cards.list')?.input as NonNullable<Procedure['input']>
  const check = vi.spyOn(input, 'safeParse')
  for (const status of ['MISS', 'HIT', 'BYPASS']) {
    const headers: Record<string, string> = status === 'BYPASS' ? { 'cache-control': 'no-cache' } : {}
    expect(cache(await get(list, headers))[0]).toBe(status)
    expect(check).toHaveBeenCalledTimes(1)
    check.mockClear()
  }
  check.mockRestore()
})

test('callers who ask the same at once share one query', async () => {
  const responses = await Promise.all(Array.from({ length: 50 }, () => get(list)))
  expect(queries.length).toBe(1)
  expect(new Set(responses.map((response) => cache(response)[1]))).toEqual(new Set(['absent', 'joined']))
})
