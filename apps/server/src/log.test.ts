import { createTestDeps, createWorld, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { type App, createApp } from './http/app.ts'
import { createLog } from './log.ts'

const lines: Record<string, unknown>[] = []
const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
const observed: string[][] = []
let database: TestDatabase
let world: World
let app: App
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  world = await createWorld(deps)
  app = createApp(deps, log, { observe: (procedure, door, code) => void observed.push([procedure, door, code]) })
})
afterAll(() => database.close())
beforeEach(() => {
  lines.length = 0
  observed.length = 0
})

test('a log line has its time in ISO 8601 and its level by name', () => {
  log.warn('as it is')
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', msg: 'as it is', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) }),
  ])
})

test('an error of a connection is logged without the connection and its secret', () => {
  const client = { secretKey: 123_456 }
  log.error({ err: Object.assign(new Error('Connection terminated'), { client, code: '57P01' }) }, 'broken')
  expect(lines[0]).toMatchObject({ err: { message: 'Connection terminated', code: '57P01' } })
  expect(JSON.stringify(lines)).not.toContain('secretKey')
})

test('a request is logged with its procedure and its caller, and without the key', async () => {
  const headers = { authorization: `Bearer ${world.owner.key}`, 'x-request-id': 'asked-once' }
  await app.hono.request('/api/users/me', { headers })
  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'request',
      requestId: 'asked-once',
      method: 'GET',
      path: '/api/users/me',
      procedure: 'users.me',
      status: 200,
      userId: world.owner.userId,
      keyId: expect.stringMatching(/^[\da-f-]{36}$/),
    }),
  ])
  expect(JSON.stringify(lines)).not.toContain(world.owner.key)
})

test('a refused stream has its own code in the log and in the metrics, though its status is 200', async () => {
  const response = await app.hono.request(
    '/trpc/query.answer?batch=1&input=%7B%220%22%3A%7B%22prompt%22%3A%22%22%7D%7D',
    {
      headers: { 'trpc-accept': 'application/jsonl' },
    },
  )
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('BAD_REQUEST')
  await expect.poll(() => lines).toEqual([expect.objectContaining({ procedure: 'query.answer', code: 'BAD_REQUEST' })])
  expect(observed).toEqual([['query.answer', 'rpc', 'BAD_REQUEST']])
})

test('a page of an origin that is not allowed is logged once, with the setting that allows it', async () => {
  const from = (origin: string, host = 'api.example.org') => app.hono.request('/health', { headers: { origin, host } })
  for (let n = 0; n < 3; n++) await from('https://app.example.org')
  await from('https://api.example.org')
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([
    expect.objectContaining({ origin: 'https://app.example.org', msg: expect.stringContaining('CORS_ORIGINS') }),
  ])
})
