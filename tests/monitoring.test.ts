import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestFolder } from '@extropy/db/testing'
import { type RunningProcess, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

/** In every setting that can hold one. */
const secret = 'hunter2-5f3a'
/** Says when a part of the OpenTelemetry SDK is loaded; prom-client brings the API, which does nothing. */
const watchImports = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({ load(url, context, next) {
    if (/@opentelemetry\\/(sdk|exporter|resources|otlp)/.test(url)) process.stderr.write('LOADED ' + url + '\\n')
    return next(url, context)
  } })`)}`
const withSecrets = {
  // Nobody is there: errors are the likeliest place for a URL to show.
  REDIS_URL: `redis://user:${secret}@127.0.0.1:1`,
  EMBEDDING_API_KEY: secret,
  LLM_BASE_URL: 'http://127.0.0.1:1/v1',
  LLM_API_KEY: secret,
  LLM_MODEL: 'm',
  NODE_OPTIONS: `--import "${watchImports}"`,
}

let folder: string
let collector: Server
let posts: string[] = []
let plain: RunningProcess & { readonly url: string }
let traced: RunningProcess & { readonly url: string }
beforeAll(async () => {
  collector = createServer(async (request, response) => {
    posts.push(`${request.url} ${Buffer.concat(await request.toArray())}`)
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const { port } = collector.address() as AddressInfo
  folder = await mkdtemp(join(tmpdir(), 'extropy-monitoring-'))
  const [one, other] = await Promise.all(['plain', 'traced'].map((name) => createTestFolder(join(folder, name))))
  ;[plain, traced] = await Promise.all([
    // With a Redis that is away it would keep no answers.
    startServer({ ...withSecrets, REDIS_URL: '', DATABASE_URL: one as string }),
    startServer({
      ...withSecrets,
      DATABASE_URL: other as string,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${secret}@127.0.0.1:${port}`,
    }),
  ])
}, 60_000)
afterAll(async () => {
  plain.child.kill()
  traced.child.kill()
  await Promise.all([plain.exit(), traced.exit()])
  collector.close()
  await rm(folder, { recursive: true })
})

const routes = ['/health', '/health/live', '/health/ready', '/health/performance', '/metrics', '/nowhere', '/trpc/x.y']

test('neither health, metrics and traces nor the log show a secret', async () => {
  for (const { url } of [plain, traced]) {
    for (const route of routes) {
      const response = await fetch(url + route)
      const shown = `${[...response.headers].join('\n')}\n${await response.text()}`
      expect([route, shown.includes(secret), /redis:\/\/|user:/.test(shown)]).toEqual([route, false, false])
    }
  }
  expect(plain.output()).not.toContain(secret)
})

test('ready reports a Redis that is away, and live still passes', async () => {
  const response = await fetch(`${traced.url}/health/ready`)
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await response.json()).toMatchObject({
    error: { data: { reason: 'not_ready', issues: [{ field: 'redis', message: 'cannot be reached' }] } },
  })
  expect((await fetch(`${traced.url}/health/live`)).status).toBe(200)
})

test('metrics count requests that are answered before the application', async () => {
  for (let n = 0; n < 5; n++) await (await fetch(`${plain.url}/api/cards?limit=3`)).text()
  const scrape = async () =>
    (await (await fetch(`${plain.url}/metrics`)).text()).split('\n').filter((line) => line.includes('"cards.list"'))
  // A text is good for a second.
  await vi.waitUntil(async () => (await scrape()).length > 0, { timeout: 5000, interval: 100 })
  expect(await scrape()).toEqual(
    expect.arrayContaining([
      'extropy_requests_total{procedure="cards.list",door="rest",code="OK"} 5',
      'extropy_response_cache_total{procedure="cards.list",status="hit"} 4',
    ]),
  )
})

test('a server without a collector does not load the SDK', () => {
  expect(plain.output()).not.toContain('LOADED')
  expect(traced.output()).toContain('LOADED')
})

test('spans are sent before the server ends', async () => {
  const sentBefore = posts.length
  await fetch(`${traced.url}/health`, { headers: { 'x-request-id': 'the-last-one' } })
  traced.child.kill('SIGTERM')
  expect(await traced.exit()).toBe(0)
  expect(posts.length).toBeGreaterThan(sentBefore)
  const all = posts.join('\n')
  expect(all).toContain('the-last-one')
  expect(all).toContain('/v1/traces')
  expect(all).not.toContain(secret)
  expect(traced.output()).not.toContain(secret)
  posts = []
})
