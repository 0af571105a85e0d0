import { gzipSync } from 'node:zlib'
import { EmbedderError } from '@extropy/api'
import { contentLine, createFakeEmbedder, createTestDeps, createWorld, ingestLines } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { Hono } from 'hono'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { procedures } from '../testing/procedures.ts'
import { rateLimitOf } from '../testing/rate-limit.ts'
import { createApp } from './app.ts'
import type { AppEnv } from './app-env.ts'
import type { openApiDocument } from './openapi.ts'

let database: TestDatabase
let app: Hono<AppEnv>
const logged: Record<string, unknown>[] = []
const logger = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) })

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  await ingestLines(deps, [
    contentLine({ title: 'One', body: 'Async closures.' }),
    contentLine({ title: 'Two', body: 'Something else.', platform: 'rss' }),
  ])
  app = createApp(deps, logger).hono
})
afterAll(() => database.close())

const json = { 'content-type': 'application/json' }
const post = (path: string, body: unknown, headers: Record<string, string> = json) =>
  app.request(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
interface ErrorBody {
  error: { message: string; data: { issues: unknown[]; requestId: string } }
}
const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error
const trpcInput = (input: unknown) => encodeURIComponent(JSON.stringify(input))

describe('the same procedure at both doors', () => {
  test('a search by POST, by GET and by RPC gives one answer', async () => {
    const byPost = await (await post('/query/rag', { prompt: 'closures', n_results: 1 })).json()
    expect(byPost).toMatchObject({ query: 'closures', count: 1, results: [{ content: { title: 'One' } }] })
    expect(await (await app.request('/query/rag?prompt=closures&n_results=1')).json()).toEqual(byPost)
    const byRpc = await app.request(`/trpc/query.rag?input=${trpcInput({ prompt: 'closures', nResults: 1 })}`)
    expect(await byRpc.json()).toEqual({ result: { data: byPost } })
  })

  test('lists, ids and health answer on their routes', async () => {
    const list = (await (await app.request('/api/contents?limit=1&platform=rss')).json()) as { items: { id: string }[] }
    expect(list).toMatchObject({ items: [{ title: 'Two' }], nextCursor: null })
    const one = await app.request(`/api/contents/${list.items[0]?.id}`)
    expect(await one.json()).toMatchObject({ title: 'Two', body: 'Something else.' })
    expect(await (await app.request('/api/authors?search=WRITER')).json()).toMatchObject({ items: [{}, {}] })
    expect(await (await app.request('/health')).json()).toMatchObject({ status: 'ok', contents: expect.any(Number) })
  })

  test('an answer is streamed: server-sent events by REST, JSON Lines by RPC', async () => {
    const byRest = await app.request('/query/answer?prompt=async+closures')
    expect(byRest.headers.get('content-type')).toContain('text/event-stream')
    const events = (await byRest.text()).matchAll(/^event: (\w+)\ndata: (.*)$/gm).toArray()
    expect(events.map(([, name]) => name)).toEqual(['passages', 'done'])
    expect(JSON.parse(events.at(-1)?.[2] ?? '')).toMatchObject({ kind: 'extracted', complete: true })
    const byRpc = await app.request(`/trpc/query.answer?batch=1&input=${trpcInput({ 0: { prompt: 'closures' } })}`, {
      headers: { 'trpc-accept': 'application/jsonl' },
    })
    expect(await byRpc.text()).toContain('extracted')
    expect((await app.request('/query/answer?prompt=')).status).toBe(400)
  })

  test('a long RPC input may come as POST', async () => {
    const response = await post('/trpc/query.rag', { prompt: 'closures '.repeat(500) })
    expect(response.status).toBe(200)
  })
})

describe('an error names the field at fault, in one shape at both doors', () => {
  const uuid = '00000000-0000-4000-8000-000000000000'
  test.each([
    ['query.rag', { prompt: '' }, 400, 'prompt'],
    ['query.rag', { prompt: 'a'.repeat(1_000_000) }, 400, 'prompt'],
    ['query.rag', { prompt: 'a', n_results: 0 }, 400, 'n_results'],
    ['query.rag', { prompt: 'a', n_results: -1 }, 400, 'n_results'],
    ['query.rag', { prompt: 'a', n_results: 1e9 }, 400, 'n_results'],
    ['query.rag', { prompt: 'a', n_results: 'ten' }, 400, 'n_results'],
    ['query.rag', { prompt: 'a', platform: 'myspace' }, 400, 'platform'],
    ['query.rag', { prompt: 'a\0' }, 400, 'prompt'],
    ['query.rag', { prompt: 'a\ud800' }, 400, 'prompt'],
    ['query.rag', {}, 400, 'prompt'],
    ['contents.byId', { id: 'x' }, 400, 'id'],
    ['contents.byId', { id: uuid }, 404, 'id'],
  ])('%s %j', async (procedure, input, status, field) => {
    const rest =
      procedure === 'query.rag'
        ? await post('/query/rag', input)
        : await app.request(`/api/contents/${(input as { id: string }).id}`)
    const rpc = await post(`/trpc/${procedure}`, input)
    expect([rest.status, rpc.status]).toEqual([status, status])
    const error = await errorOf(rest)
    expect(error.data).toMatchObject({ httpStatus: status, path: procedure, issues: [{ field }] })
    if (status === 400) expect(error.message.startsWith(`${field}: `)).toBe(true)
    const rpcError = await errorOf(rpc)
    expect({ ...rpcError, data: { ...rpcError.data, requestId: '' } }).toEqual({
      ...error,
      data: { ...error.data, requestId: '' },
    })
    expect(JSON.stringify(error)).not.toMatch(/stack|node_modules/)
  })

  test.each([
    '?prompt=',
    '?prompt=a&n_results=0',
    '?prompt=a&n_results=ten',
    '?prompt=a&n_results=',
    '?prompt=a&prompt=b',
    '?prompt=a%00',
    '?prompt=a&platform=x',
    '',
  ])('GET /query/rag%s is 400', async (query) => {
    const response = await app.request(`/query/rag${query}`)
    expect(response.status).toBe(400)
    expect((await errorOf(response)).data.issues.length).toBeGreaterThan(0)
  })

  test.each([
    ['malformed JSON', '/query/rag', '{"prompt":', json, 400, 'is not valid JSON'],
    ['a list for a body', '/query/rag', '[]', json, 400, 'body: must be a JSON object'],
    ['no body', '/query/rag', '', json, 400, 'is not valid JSON'],
    [
      'another content type',
      '/query/rag',
      'prompt=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'content-type: must be application/json',
    ],
    ['no content type', '/query/rag', '{}', {}, 415, 'content-type'],
    [
      'a body too large',
      '/query/rag',
      JSON.stringify({ prompt: 'a'.repeat(3_000_000) }),
      json,
      413,
      'body: must be at most',
    ],
    ['malformed JSON by RPC', '/trpc/query.rag', '{"prompt":', json, 400, 'is not valid JSON'],
    [
      'another content type by RPC',
      '/trpc/query.rag',
      'prompt=a',
      { 'content-type': 'text/plain' },
      415,
      'content-type: must be application/json',
    ],
    [
      'a body too large by RPC',
      '/trpc/query.rag',
      JSON.stringify({ prompt: 'a'.repeat(3_000_000) }),
      json,
      413,
      'body: must be at most',
    ],
  ])('%s', async (_, path, body, headers, status, message) => {
    const response = await app.request(path, { method: 'POST', headers: headers as Record<string, string>, body })
    expect(response.status).toBe(status)
    const error = await errorOf(response)
    expect(error.message).toContain(message)
    expect(error.data).toMatchObject({ httpStatus: status, issues: expect.any(Array), requestId: expect.any(String) })
  })

  test('an unknown route and an unknown procedure are not found', async () => {
    for (const path of ['/nowhere', '/api/nothing', '/trpc/no.such']) {
      const response = await app.request(path, path === '/nowhere' ? { method: 'POST' } : {})
      expect(response.status).toBe(404)
      expect((await errorOf(response)).data).toMatchObject({ code: 'NOT_FOUND', reason: 'not_found' })
    }
  })

  test('a batch above the largest size is refused', async () => {
    const paths = Array(21).fill('health.check').join(',')
    const response = await app.request(`/trpc/${paths}?batch=1`)
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({
      message: 'batch: must be at most 20 calls',
      data: { requestId: expect.any(String) },
    })
    expect((await app.request(`/trpc/${paths.slice(0, paths.lastIndexOf(','))}?batch=1`)).status).toBe(200)
  })

  test.each([
    ['/query/rag?prompt=%FF%FE', 'prompt'],
    ['/query/rag?n_results=1&prompt=a%C3', 'prompt'],
    ['/query/rag?pro%ffmpt=a', 'query'],
    [`/trpc/query.rag?input=${trpcInput({ prompt: 'a' })}%ed%a0%80`, 'input'],
    ['/api/users/by-username/%c0%af', 'path'],
    ['/nowhere/%ff', 'path'],
  ])('escapes that are no UTF-8 are refused by name: %s', async (path, field) => {
    const response = await app.request(path)
    expect([response.status, response.headers.get('ratelimit')]).toEqual([400, expect.any(String)])
    expect((await errorOf(response)).data.issues).toEqual([{ field, message: 'must be percent-encoded UTF-8' }])
  })

  test('escapes of valid UTF-8, and a percent sign alone, are text', async () => {
    for (const [query, text] of [
      ['%e2%82%ac+%F0%9F%98%80', '€ 😀'],
      ['100%', '100%'],
      ['100%+%c3%a9', '100% é'],
    ]) {
      const response = await app.request(`/query/rag?prompt=${query}`)
      expect(await response.json()).toMatchObject({ query: text })
    }
  })

  test.each(['/query/rag', '/trpc/query.rag'])('a body in an encoding is refused with 415: %s', async (path) => {
    const body = gzipSync(JSON.stringify({ prompt: 'a' }))
    for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip']) {
      const response = await app.request(path, {
        method: 'POST',
        headers: { ...json, 'content-encoding': encoding },
        body,
      })
      expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'identity'])
      expect((await errorOf(response)).data.issues).toMatchObject([{ field: 'content-encoding' }])
    }
    const plain = await post(path, { prompt: 'a' }, { ...json, 'content-encoding': 'identity' })
    expect(plain.status).toBe(200)
  })

  test('a path with a malformed escape is refused', async () => {
    for (const path of ['/trpc/%zz', '/trpc/%ff']) expect((await app.request(path)).status).toBe(400)
  })

  test('an answer by RPC carries the request id and the rest of the rate limit', async () => {
    const response = await app.request('/trpc/contents.list', { headers: { 'x-request-id': 'rpc-1' } })
    expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'rpc-1'])
    expect(rateLimitOf(response)).toMatchObject({ limit: 10_000, remaining: expect.any(Number) })
  })

  test('RPC refuses methods other than GET and POST', async () => {
    const response = await app.request('/trpc/health.check', { method: 'PATCH' })
    expect(response.status).toBe(405)
    expect(await errorOf(response)).toMatchObject({ data: { requestId: expect.any(String) } })
  })

  test('RPC input that is not JSON is refused with the field input', async () => {
    const response = await app.request('/trpc/query.rag?input={bad')
    expect(response.status).toBe(400)
    expect((await errorOf(response)).data.issues).toMatchObject([{ field: 'input' }])
  })
})

describe('documentation', () => {
  test('the OpenAPI document has every REST route, with its input and its output', async () => {
    const document = (await (await app.request('/openapi.json')).json()) as ReturnType<typeof openApiDocument>
    expect(document.openapi).toBe('3.1.1')
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const routes = procedures.flatMap((procedure) =>
      procedure.routes.map(({ method, path }) => `${method.toLowerCase()} ${path}`),
    )
    expect(routes).toContain('patch /api/cards/{id}')
    expect(operations.sort()).toEqual(routes.sort())
    expect(document.paths['/api/contents/{id}']?.get).toMatchObject({
      operationId: 'contentsById',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { format: 'uuid' } }],
      responses: {
        200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Content' } } } },
        404: { $ref: '#/components/responses/NotFound' },
      },
    })
    expect(document.components.schemas.Content).toMatchObject({ properties: { body: { type: 'string' } } })
    expect(document.paths['/api/contents']?.get).toMatchObject({
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'limit', in: 'query', required: false })]),
    })
    expect(document.paths['/query/rag']?.post).toMatchObject({
      requestBody: { content: { 'application/json': { schema: { required: ['prompt'] } } } },
    })
  })

  test('the API reference loads nothing from other servers', async () => {
    const page = await app.request('/docs')
    expect(page.status).toBe(200)
    const html = await page.text()
    expect(html).not.toMatch(/https?:/)
    const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)]
    expect(assets.length).toBeGreaterThan(2)
    for (const [, asset = ''] of assets) {
      const response = await app.request(asset)
      expect([asset, response.status]).toEqual([asset, 200])
      expect((await response.text()).length).toBeGreaterThan(asset.endsWith('reference.js') ? 50 : 1000)
    }
  })
})

test('a document is compressed once, however often it is asked for', async () => {
  const ask = async (times: number) => {
    const before = process.cpuUsage()
    for (let n = 0; n < times; n++) {
      const response = await app.request('/docs/swagger-ui-bundle.js', { headers: { 'accept-encoding': 'br' } })
      expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'br'])
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100_000)
    }
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  const first = await ask(1)
  expect(await ask(10)).toBeLessThan(first)
})

test('the rate limit counts requests for documents, not for probes', async () => {
  const limited = createApp(await createTestDeps(database), logger, { anonymousPerHour: 2 }).hono
  const statuses = async (...paths: string[]) => {
    const all = []
    for (const path of paths) all.push((await limited.request(path)).status)
    return all
  }
  expect(await statuses('/docs', '/openapi.json', '/docs/swagger-ui.css')).toEqual([200, 200, 429])
  expect(await statuses('/health/live', '/health/live')).toEqual([200, 200])
})

describe('requests and the log', () => {
  test("a caller's request id is kept, in the header and in the log; a dangerous one is replaced", async () => {
    const response = await app.request('/health', { headers: { 'x-request-id': 'abc-1' } })
    expect(response.headers.get('x-request-id')).toBe('abc-1')
    expect(logged.at(-1)).toMatchObject({ requestId: 'abc-1', method: 'GET', path: '/health', status: 200 })
    const replaced = await app.request('/health', { headers: { 'x-request-id': 'a b"\\' } })
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/)
  })

  test('an embedder that cannot be reached leaves a search to the words, and the answer says so without its address', async () => {
    const embed = async () => {
      throw new EmbedderError('The embedding endpoint http://inside:1 failed')
    }
    const title = 'Quagga stripes'
    await ingestLines(await createTestDeps(database), [contentLine({ title })])
    const deps = await createTestDeps(database, { ...createFakeEmbedder(), embed })
    const response = await createApp(deps, logger).hono.request('/query/rag?prompt=quagga')
    expect(response.status).toBe(200)
    const text = await response.text()
    expect(text).not.toContain('inside')
    expect(JSON.parse(text)).toMatchObject({
      results: [{ content: { title } }],
      search: { vector: 'none', embeddedShare: 1, notice: expect.stringContaining('found by word alone') },
    })
  })

  test('a statement that exceeds its time limit is 503', async () => {
    const embed = () => sql`select raise_timeout()`.execute(database.db).then(() => [])
    await sql`create function raise_timeout() returns void language plpgsql as $$ begin raise 'out of time' using errcode = '57014'; end $$`.execute(
      database.db,
    )
    const response = await createApp(
      await createTestDeps(database, { ...createFakeEmbedder(), embed }),
      logger,
    ).hono.request('/query/rag?prompt=a')
    expect(response.status).toBe(503)
    expect((await errorOf(response)).data).toMatchObject({ reason: 'database_timeout' })
  })

  test('an internal error hides its details from the caller, and the log has them by the request id', async () => {
    const broken = createFakeEmbedder()
    broken.embed = async () => {
      throw new Error('secret inside')
    }
    const deps = await createTestDeps(database, { ...createFakeEmbedder(), embed: broken.embed })
    const response = await createApp(deps, logger).hono.request('/query/rag?prompt=a', {
      headers: { 'x-request-id': 'broken-1' },
    })
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).not.toContain('secret')
    expect(JSON.parse(text).error.data).toMatchObject({ reason: 'internal', requestId: 'broken-1' })
    expect(logged.find((line) => line.requestId === 'broken-1' && line.err)).toMatchObject({ path: 'query.rag' })
  })
})

test('a subscription’s feed is Atom for whoever has its address, and nothing for anyone else', async () => {
  const deps = await createTestDeps(database)
  const { owner } = await createWorld(deps)
  const { feed } = await owner.as().subscriptions.create({ kind: 'search', question: 'closures & more' })
  const response = await app.request(feed)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/atom+xml; charset=utf-8'])
  expect(await response.text()).toContain('<title>closures &amp; more</title>')
  expect((await app.request('/feeds/guess')).status).toBe(404)
})
