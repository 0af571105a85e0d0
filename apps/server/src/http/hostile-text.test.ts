import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createTestDeps } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createApp } from './app.ts'
import { createHttpServer } from './http-server.ts'

let database: TestDatabase
let port: number
const closing: (() => unknown)[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const logger = pino({ level: 'silent' })
  const options = { anonymousPerHour: 1e9, trustedProxies: 1, corsOrigins: ['https://app.example.org'] }
  const server = createHttpServer(createApp(await createTestDeps(database), logger, options), logger)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  closing.push(() => server.close())
})
afterAll(async () => {
  for (const close of closing) close()
  await database.close()
})

/** As long as node lets a header be. */
const length = 15_000
/** Units that make a regular expression backtrack, if anything does. */
const hostile = [
  ' ',
  '\t',
  ',',
  ';',
  '=',
  '"',
  '\\',
  '%',
  '.',
  '-',
  '0',
  ':',
  '[',
  '/',
  '*',
  'a,',
  'a;',
  'a ;',
  ' ,',
  'q=',
  '"a',
  '%2',
  '../',
  '::',
]
const headers = [
  ...['accept', 'accept-encoding', 'authorization', 'cache-control', 'content-encoding', 'content-type', 'cookie'],
  ...[
    'expect',
    'forwarded',
    'host',
    'idempotency-key',
    'if-modified-since',
    'if-none-match',
    'last-event-id',
    'origin',
  ],
  ...['pragma', 'range', 'traceparent', 'tracestate', 'trpc-accept', 'user-agent', 'x-forwarded-for', 'x-request-id'],
  ...['access-control-request-headers', 'access-control-request-method'],
]

/** A value that begins and ends with a letter, since node trims it. */
const filled = (unit: string) => `b${unit.repeat(length / unit.length)}b`

/** Of the processor, in milliseconds: others on the machine do not make it longer. */
async function costOf(request: string): Promise<number> {
  const before = process.cpuUsage()
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 \d/)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** In one of three tries: memory is tidied up in any of them. */
async function isWithin(ms: number, request: string): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) if ((await costOf(request)) < ms) return true
  return false
}

/** A bound from a plain text of the same length: a quadratic expression takes over a second for one of these. */
async function boundOf(request: string): Promise<number> {
  return 10 * Math.min(await costOf(request), await costOf(request)) + 50
}

test.each([
  ['GET /health/live', headers],
  ['GET /api/users', headers],
  ['OPTIONS /api/users', headers],
  ['POST /query/answer', headers],
])('no header costs more than plain text of its length does: %s', async (target, names) => {
  for (const name of names) {
    const host = name === 'host' ? '' : 'host: x\r\n'
    const request = (value: string) => `${target} HTTP/1.1\r\n${host}connection: close\r\n${name}: ${value}\r\n\r\n`
    const ms = await boundOf(request(filled('a')))
    for (const unit of hostile) {
      const isShort = await isWithin(ms, request(filled(unit)))
      expect(isShort, `${name} of ${JSON.stringify(unit)}`).toBe(true)
    }
  }
})

test.each(['/', '/api/users/by-username/', '/trpc/', '/api/users?search=', '/api/users?', '/trpc/users.list?input='])(
  'no path or query does, either: %s',
  async (start) => {
    const request = (rest: string) => `GET ${start}${rest} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
    const ms = await boundOf(request(filled('a')))
    for (const unit of [...hostile, '&', '?', '+', '&a', '%41', '%ff', '%c3%a9'].filter(
      (each) => !/[\s"]/.test(each),
    )) {
      expect(await isWithin(ms, request(filled(unit))), JSON.stringify(unit)).toBe(true)
    }
  },
)
