import { readFileSync } from 'node:fs'
import type { Deps } from '@extropy/api'
import { createTestDeps, createWorld, type World } from '@extropy/api/testing'
import { type Cache, createCache } from '@extropy/cache'
import { createMemoryStore } from '@extropy/cache/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake } from '@extropy/intake'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createApp } from './http/app.ts'
import type { AppEnv } from './http/app-env.ts'
import { createMetrics, type Metrics } from './metrics.ts'

let database: TestDatabase
let deps: Deps
let world: World
let cache: Cache
let metrics: Metrics
let app: Hono<AppEnv>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  cache = createCache({ sweepMs: 0, shared: createMemoryStore() })
  deps = { ...(await createTestDeps(database)), cache }
  world = await createWorld(deps)
  metrics = createMetrics(deps, { keepMs: 0 })
  app = createApp({ ...deps, latencies: metrics.quantiles }, pino({ level: 'silent' }), {
    metrics,
    anonymousPerHour: 1_000_000,
  }).hono
})
afterAll(async () => {
  metrics.close()
  await cache.close()
  await database.close()
})

/** Every sample that there is, by its name and labels. */
async function scrape(from = metrics): Promise<Record<string, number>> {
  const lines = (await from.text()).split('\n')
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    samples.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}
const requests = (procedure: string, door: string, code: string) =>
  `extropy_requests_total{procedure="${procedure}",door="${door}",code="${code}"}`

test('/metrics is Prometheus text, and never cached', async () => {
  await app.request('/health/live')
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const text = await response.text()
  const line =
    /^(# (HELP|TYPE) \w+ .+|[a-zA-Z_:]\w*(\{\w+="[^"\\\n]*"(,\w+="[^"\\\n]*")*\})? (-?\d+(\.\d+)?(e[+-]?\d+)?|[+-]?Inf|Nan))$/
  expect(text.split('\n').filter((each) => each !== '' && !line.test(each))).toEqual([])
  expect(text.endsWith('\n')).toBe(true)
})

test('an app without metrics has no /metrics', async () => {
  expect((await createApp(deps, pino({ level: 'silent' })).hono.request('/metrics')).status).toBe(404)
})

describe('requests are counted by procedure, door and code', () => {
  test.each([
    ['/api/cards', requests('cards.list', 'rest', 'OK')],
    ['/trpc/cards.list', requests('cards.list', 'rpc', 'OK')],
    ['/api/cards/00000000-0000-4000-8000-000000000000', requests('cards.byId', 'rest', 'NOT_FOUND')],
    ['/api/cards?limit=x', requests('cards.list', 'rest', 'BAD_REQUEST')],
    ['/api/audit', requests('audit.list', 'rest', 'UNAUTHORIZED')],
    ['/nowhere', requests('other', 'rest', 'NOT_FOUND')],
  ])('%s', async (path, name) => {
    const before = (await scrape())[name] ?? 0
    await app.request(path)
    expect((await scrape())[name]).toBe(before + 1)
  })

  test('the calls of a batch count one by one', async () => {
    const name = requests('users.list', 'rpc', 'OK')
    const before = (await scrape())[name] ?? 0
    await app.request('/trpc/users.list,users.list,health.live?batch=1&input={"0":{},"1":{}}')
    expect((await scrape())[name]).toBe(before + 2)
  })

  test('each call of a batch counts by its own outcome and its own cache status', async () => {
    const names = [
      requests('patterns.list', 'rpc', 'OK'),
      requests('cards.byId', 'rpc', 'NOT_FOUND'),
      'extropy_response_cache_total{procedure="patterns.list",status="miss"}',
      'extropy_response_cache_total{procedure="patterns.list",status="hit"}',
    ]
    const read = async () => {
      const samples = await scrape()
      return names.map((name) => samples[name] ?? 0)
    }
    const before = await read()
    const input = encodeURIComponent('{"0":{"limit":7},"1":{"id":"00000000-0000-4000-8000-000000000000"}}')
    for (let n = 0; n < 2; n++) {
      expect((await app.request(`/trpc/patterns.list,cards.byId?batch=1&input=${input}`)).status).toBe(207)
    }
    expect((await read()).map((count, at) => count - (before[at] ?? 0))).toEqual([2, 2, 1, 1])
  })

  test('a refusal by the rate limit is counted', async () => {
    const few = createApp(deps, pino({ level: 'silent' }), { metrics, anonymousPerHour: 0 }).hono
    const before = (await scrape()).extropy_rate_limit_refusals_total ?? 0
    expect((await few.request('/api/cards')).status).toBe(429)
    expect((await scrape()).extropy_rate_limit_refusals_total).toBe(before + 1)
  })

  test('their durations add up to a histogram, and to the quantiles at /health/performance', async () => {
    const own = createMetrics(deps, { keepMs: 0 })
    for (const ms of [1, 2, 3, 1000])
      own.observe('patterns.list', 'rest', ms === 1000 ? 'SERVICE_UNAVAILABLE' : 'OK', ms)
    expect(own.quantiles()).toEqual([
      expect.objectContaining({ procedure: 'patterns.list', count: 4, errors: 1, p50Ms: expect.closeTo(2, 0) }),
    ])
    const text = await own.text()
    const name = 'extropy_request_duration_seconds'
    expect(text).toContain(`${name}_bucket{le="0.002",procedure="patterns.list"} 2\n`)
    expect(text).toContain(`${name}_bucket{le="+Inf",procedure="patterns.list"} 4\n`)
    expect(text).toContain(`${name}_sum{procedure="patterns.list"} 1.006\n`)
    expect(text).toContain(`${name}_count{procedure="patterns.list"} 4`)
    own.close()
    await app.request('/api/patterns')
    const answer = (await (await app.request('/health/performance')).json()) as { procedures: { procedure: string }[] }
    expect(answer.procedures.map(({ procedure }) => procedure)).toContain('patterns.list')
  })

  test('requests are counted by cache status', async () => {
    const own = createMetrics(deps)
    for (const status of ['HIT', 'HIT', 'MISS', undefined] as const) own.observe('cards.list', 'rpc', 'OK', 1, status)
    expect(await own.text()).toContain('extropy_response_cache_total{procedure="cards.list",status="hit"} 2\n')
    own.close()
  })
})

test('ten thousand unknown paths are one label', async () => {
  const seriesOf = async () => Object.keys(await scrape()).filter((name) => name.startsWith('extropy_request'))
  const silent = pino({ level: 'silent' })
  const bare = createApp(deps, silent, { metrics, anonymousPerHour: 1_000_000_000 }).hono
  await bare.request('/nowhere')
  await bare.request('/trpc/nowhere')
  const before = await seriesOf()
  const countOf = async () =>
    ((await scrape())[requests('other', 'rest', 'NOT_FOUND')] ?? 0) +
    ((await scrape())[requests('other', 'rpc', 'NOT_FOUND')] ?? 0)
  const counted = await countOf()
  for (let n = 0; n < 5000; n++) {
    await bare.request(`/wp-admin/${n}?secret=${n}`)
    await bare.request(`/trpc/guess.${n}`)
  }
  expect(await seriesOf()).toEqual(before)
  expect((await countOf()) - counted).toBe(10_000)
})

test('the metrics show the cache and the connections as they are', async () => {
  const own = createCache({ sweepMs: 0 })
  const ownMetrics = createMetrics({ ...deps, cache: own }, { keepMs: 0 })
  await own.getOrSet('k', async () => 'v', { tags: ['t'] })
  await own.getOrSet('k', async () => 'v')
  await own.getOrSet('k', async () => 'v')
  await own.invalidateTags(['t'])
  await own.getOrSet('k', async () => 'v')
  await own.getOrSet('l', async () => 'v')
  await own.getOrSet('m', async () => 'v')
  const { pool } = deps.databaseStats()
  expect(await scrape(ownMetrics)).toMatchObject({
    'extropy_cache_reads_total{result="hit"}': 2,
    'extropy_cache_reads_total{result="miss"}': 4,
    extropy_cache_stores_total: 4,
    'extropy_cache_evictions_total{cause="invalidated"}': 1,
    'extropy_cache_invalidations_total{kind="purge",reach="everywhere"}': 1,
    extropy_cache_in_touch: 1,
    extropy_cache_entries: 3,
    extropy_cache_bytes: own.stats().bytes,
    extropy_db_pool_size: pool.poolSize,
    'extropy_db_pool_connections{state="idle"}': pool.checkedIn,
    extropy_db_pool_waiting: 0,
    'extropy_build_info{version="0.0.0-test"}': 1,
  })
  ownMetrics.close()
  await own.close()
})

test('the metrics show the shared store where there is one', async () => {
  await vi.waitUntil(async () => (await scrape()).extropy_cache_shared_online === 1)
  expect((await scrape()).extropy_cache_shared_breaker_open).toBe(0)
  const alone = createMetrics({ ...deps, cache: createCache({ sweepMs: 0 }) })
  expect(await alone.text()).not.toMatch(/^extropy_cache_shared/m)
  alone.close()
})

test('no label contains text from a caller', async () => {
  const { key, userId } = world.admin
  await app.request(`/api/users/${userId}`, { headers: { authorization: `Bearer ${key}`, 'x-request-id': 'mine-1' } })
  await app.request('/query/rag?prompt=sesame')
  const text = await (await app.request('/metrics')).text()
  for (const mine of [key, userId, 'mine-1', 'sesame', 'postgres://']) expect(text).not.toContain(mine)
})

test('scrapes within a second share one text', async () => {
  const own = createMetrics(deps)
  const first = own.text()
  own.observe('cards.list', 'rpc', 'OK', 1)
  expect(own.text()).toBe(first)
  own.close()
})

test('the dashboard uses only existing metrics, and all of our own', async () => {
  const text = await (await app.request('/metrics')).text()
  const served = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' || type === 'summary' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  )
  const dashboard = readFileSync(new URL('../../../docs/grafana/extropy-dashboard.json', import.meta.url), 'utf8')
  const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] }
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const asked = new Set(expressions.flatMap((expr) => expr.match(/\b(extropy|process|nodejs)_\w+/g) ?? []))
  expect(asked.size).toBeGreaterThan(30)
  expect([...asked].filter((name) => !served.includes(name))).toEqual([])
  const own = served.filter((name) => name.startsWith('extropy_') && !/_(sum|count)$/.test(name))
  expect(own.filter((name) => !asked.has(name))).toEqual([])
})

test('the metrics and /health/performance show sources, requests to others and lanes', async () => {
  const intake = createIntake()
  // Refused before anything is asked.
  await intake.visitor.visit('http://127.0.0.1:1/')
  const row = { kind: 'site', target: 'https://example.org/', url: 'https://example.org/', label: 'example.org' }
  await database.db
    .insertInto('sources')
    .values([{ platform: 'web', ...row, status: 'failing' }])
    .execute()
  const fetching = { ...deps, intake, databaseStats: () => deps.databaseStats() }
  const own = createMetrics(fetching)
  expect(await scrape(own)).toMatchObject({
    'extropy_sources{status="failing"}': 1,
    'extropy_sources{status="gone"}': 0,
    'extropy_fetches_total{outcome="refused"}': 1,
    'extropy_lanes{state="waiting"}': 0,
    'extropy_lanes{state="held"}': 0,
  })
  const shown = await createApp(fetching, pino({ level: 'silent' })).hono.request('/health/performance')
  expect(await shown.json()).toMatchObject({
    intake: { sources: { failing: 1, active: expect.any(Number) }, fetches: { refused: 1 }, lanes: { waiting: 0 } },
  })
  own.close()
  await intake.close()
})
