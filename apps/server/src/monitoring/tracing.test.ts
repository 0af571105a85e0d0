import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDeps } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { createApp } from '../http/app.ts'
import type { AppEnv } from '../http/app-env.ts'
import { openTracing, type Tracing } from './tracing.ts'

interface SentSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: { readonly key: string; readonly value: Record<string, unknown> }[]
  readonly status: { readonly code: number }
}

/** A collector of OTLP over HTTP, as far as this test needs one. */
let collector: Server
let url: string
let posts: { readonly path: string; readonly body: string }[] = []
let database: TestDatabase
let tracing: Tracing
let app: Hono<AppEnv>

const open = (share = 1) =>
  openTracing({ url, serviceName: 'extropy-test', version: '1', share, onError: (error) => expect.fail(String(error)) })

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const body = await request.toArray()
    posts.push({ path: request.url ?? '', body: Buffer.concat(body).toString() })
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`
  database = await createTestDatabase(inject('databaseTemplate'), {
    onStatement: (statement) => tracing.onStatement(statement),
  })
})
afterAll(async () => {
  await database.close()
  collector.close()
})

async function start(share?: number): Promise<void> {
  posts = []
  tracing = open(share)
  app = createApp(await createTestDeps(database), pino({ level: 'silent' }), { tracing }).hono
}
beforeEach(() => start())

/** The spans that have arrived once everything was flushed. */
async function sent(): Promise<SentSpan[]> {
  await tracing.close()
  return posts.flatMap(({ body }) =>
    (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
    ),
  )
}
const attributesOf = ({ attributes }: SentSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

test('a request is a span named by its procedure, and its statements are children of it', async () => {
  const response = await app.request('/api/users/by-username/nobody')
  const spans = await sent()
  const request = spans.find(({ parentSpanId }) => !parentSpanId) as SentSpan
  const statement = spans.find(({ parentSpanId }) => parentSpanId === request.spanId) as SentSpan
  expect([spans.length, request.name, request.kind, statement.name, statement.kind]).toEqual([
    2,
    'users.byUsername',
    2,
    'SELECT users',
    3,
  ])
  expect(attributesOf(request)).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 404,
    'extropy.door': 'rest',
    'extropy.request_id': response.headers.get('x-request-id'),
  })
  expect(attributesOf(statement)).toMatchObject({
    'db.system.name': 'postgresql',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'users',
    'db.query.text': expect.stringMatching(/^select .* from "users".*\$1/),
  })
  expect(BigInt(statement.endTimeUnixNano)).toBeGreaterThan(BigInt(statement.startTimeUnixNano))
  expect([statement.traceId, posts[0]?.path]).toEqual([request.traceId, '/v1/traces'])
  expect(posts[0]?.body).toContain('extropy-test')
  for (const value of ['nobody', '127.0.0.1']) expect(JSON.stringify(posts)).not.toContain(value)
})

test('span names are few: a batch has one, and an unknown path gives none of its own', async () => {
  await app.request('/trpc/users.list,health.live?batch=1&input={"0":{}}')
  await app.request('/trpc/made.up')
  await app.request('/made/up')
  const requests = (await sent()).filter(({ kind }) => kind === 2)
  expect(requests.map(({ name }) => name).sort()).toEqual(['batch', 'other', 'other'])
})

test('a request continues its caller’s trace, and is not recorded where that one is not sampled', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traceparent = (flags: string) => ({ traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}` })
  await app.request('/health', { headers: traceparent('01') })
  await app.request('/health', { headers: traceparent('00') })
  await app.request('/health/live', { headers: { traceparent: 'garbage' } })
  const requests = (await sent()).filter(({ kind }) => kind === 2)
  expect(requests.map(({ name, traceId: id }) => [name, id === traceId])).toEqual([
    ['health.check', true],
    ['health.live', false],
  ])
})

test('a share of 0 records nothing', async () => {
  await tracing.close()
  await start(0)
  await app.request('/health')
  expect(await sent()).toEqual([])
})

test('requests at the same time keep their statements apart', async () => {
  await Promise.all(Array.from({ length: 20 }, () => app.request('/health')))
  const spans = await sent()
  const requests = spans.filter(({ kind }) => kind === 2)
  const parents = spans.filter(({ kind }) => kind === 3).map(({ parentSpanId }) => parentSpanId)
  expect([requests.length, new Set(parents).size]).toEqual([20, 20])
})

test('a span gives an error’s kind, not its message, which quotes values', async () => {
  const request = tracing.startRequest({ method: 'BREW', traceparent: undefined })
  const error = Object.assign(new Error('Key (email)=(ada@example.org) already exists'), { code: '23505' })
  request.run(() => tracing.onStatement({ sql: 'insert into "users" values ($1)', durationMs: 1, error }))
  request.run(() => tracing.onStatement({ sql: "create role r password 'hunter2'", durationMs: 1, error: undefined }))
  request.end({ name: 'other', door: 'rest', status: 503, requestId: undefined, cacheStatus: 'BYPASS' })
  const [insert, create, whole] = await sent()
  expect(attributesOf(insert as SentSpan)).toMatchObject({ 'error.type': '23505', 'db.collection.name': 'users' })
  expect([insert?.status.code, create?.name, create?.status.code]).toEqual([2, 'CREATE', 0])
  expect(attributesOf(whole as SentSpan)).toMatchObject({ 'http.request.method': '_OTHER', 'error.type': '503' })
  expect(whole?.status.code).toBe(2)
  expect(JSON.stringify(posts)).not.toMatch(/ada@|hunter2/)
})

test('an unreachable collector delays neither a request nor the shutdown', async () => {
  const errors: unknown[] = []
  await tracing.close()
  const away = openTracing({
    url: 'http://127.0.0.1:1/v1/traces',
    serviceName: 'x',
    version: '1',
    share: 1,
    onError: (error) => errors.push(error),
  })
  away.startRequest({ method: 'GET', traceparent: undefined }).end({
    name: 'other',
    door: 'rest',
    status: 200,
    requestId: undefined,
    cacheStatus: undefined,
  })
  const startedAt = performance.now()
  await away.close()
  expect(performance.now() - startedAt).toBeLessThan(4000)
  expect(errors).toHaveLength(1)
})
