import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppEnv } from './app-env.ts'
import { createHttpServer } from './http-server.ts'

/** Answers with the path that it was asked for, as URLs have it. */
const hono = new Hono<AppEnv>()
hono.all('*', async (c) => c.text(`${new URL(c.req.url).pathname} ${await new Request(c.req.raw).text()}`))
const server = createHttpServer({ hono, fastPath: () => false, deadlineMs: 30_000 }, pino({ level: 'silent' }))

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

async function ask(text: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(text)
  return (await buffer(socket)).toString()
}

const get = (headers: string, target = '/health/live', version = '1.1') =>
  ask(`GET ${target} HTTP/${version}\r\n${headers}connection: close\r\n\r\n`)

describe('a request’s path is its own, whatever its Host', () => {
  test.each([
    ['HTTP/1.0 without one, as load balancers probe', '', '1.0'],
    ['HTTP/1.0 with one', 'host: x.example\r\n', '1.0'],
    ['a name', 'host: api.example.org\r\n', '1.1'],
    ['a name and a port', 'Host: API.example.org:8000\r\n', '1.1'],
    ['a name with _', 'host: my_service:81\r\n', '1.1'],
    ['nothing in it', 'host:\r\n', '1.1'],
    ['an address', 'host: 127.0.0.1:8000\r\n', '1.1'],
    ['an address in short', 'host: 127.1:80\r\n', '1.1'],
    ['an IPv6 address', 'host: [::1]:8000\r\n', '1.1'],
    ['an IPv6 address in full', 'host: [0:0:0:0:0:0:0:1]:8000\r\n', '1.1'],
  ])('%s', async (_, headers, version) => {
    expect(await get(headers, '/health/live', version)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n\/health\/live $/)
  })

  test.each([
    ['none', ''],
    ['two', 'host: a\r\nhost: b\r\n'],
    ['two equal ones', 'host: a\r\nHOST: a\r\n'],
    ['a path', 'host: 1/docs?\r\n'],
    ['a query', 'host: 1?docs\r\n'],
    ['a fragment', 'host: 12#docs\r\n'],
    ['a user', 'host: me@example.org\r\n'],
    ['a backslash', 'host: 1\\docs\r\n'],
    ['a space', 'host: a b\r\n'],
    ['numbers that are no address', 'host: 256.256.256.256\r\n'],
    ['a port that is none', 'host: example.org:99999\r\n'],
    ['brackets around a name', 'host: [example]:80\r\n'],
    ['a name longer than any', `host: ${'a'.repeat(10_000)}\r\n`],
  ])('a Host is refused: %s', async (_, headers) => {
    const answer = await get(headers)
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*nosniff[\s\S]*"field":"request","message":"must have (one|a) Host header/,
    )
  })

  test('with a body, for which a URL is made once more', async () => {
    const post = (host: string) =>
      ask(`POST /a HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi`)
    expect(await post('1.2.3.4.5')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await post('1.2.3.4')).toMatch(/^HTTP\/1\.1 200 [\s\S]*\/a hi$/)
  })
})

test.each(['/health/../docs', '/health/%2e%2e/docs', '/health/.%2E?x', '/./docs', '/docs/..'])(
  'a path with steps in it, which proxies may read otherwise, is refused: %s',
  async (target) => {
    expect(await get('host: x\r\n', target)).toMatch(/^HTTP\/1\.1 400 [\s\S]*must have a path without \. and \.\./)
  },
)

test.each(['/a.b/..c/.d', '/a?b=/../c', '/a?b/..'])('dots that are no path segment are allowed: %s', async (target) => {
  expect(await get('host: x\r\n', target)).toMatch(/^HTTP\/1\.1 200 /)
})

test('a target that no parser reads is refused with the reason', async () => {
  expect(await ask('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*is malformed HTTP/)
  expect(await get('host: x\r\n', '/caf\xe9')).toMatch(/^HTTP\/1\.1 400 [\s\S]*is malformed HTTP/)
})
