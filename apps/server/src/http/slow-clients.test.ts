import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Deps } from '@extropy/api'
import { contentLine, createTestDeps, ingestLines } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { type AppOptions, createApp } from './app.ts'
import { createHttpServer } from './http-server.ts'

/** On a busy machine soon is later. */
const soon = <Value>(read: () => Value) => expect.poll(read, { timeout: 10_000 })

let database: TestDatabase
let deps: Deps
const closing: (() => Promise<unknown>)[] = []
const logged: Record<string, unknown>[] = []
const logger = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) })

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  await ingestLines(deps, [contentLine({ title: 'Order', body: 'The order of things.' })])
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  logged.length = 0
})
afterAll(() => database.close())

async function listen(options: AppOptions, over: Partial<Deps> = {}) {
  const app = createApp({ ...deps, ...over }, logger, { anonymousPerHour: 1e9, ...options })
  const server = createHttpServer({ ...app, fastPath: () => false }, logger).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  return { port, url: `http://127.0.0.1:${port}`, connections }
}

/** A client that never closes its side. `text` is its answer so far. */
function open(port: number, sent: string): Socket & { text: string } {
  const socket = Object.assign(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), { text: '' })
  socket.on('data', (bytes) => {
    socket.text += bytes
  })
  socket.on('error', () => {})
  socket.write(sent)
  closing.unshift(async () => socket.destroy())
  return socket
}

const head = 'host: x\r\ncontent-type: application/json\r\n'
const unfinished = `POST /query/rag HTTP/1.1\r\n${head}content-length: 1000\r\n\r\n{`
const chunked = `POST /trpc/users.update HTTP/1.1\r\n${head}transfer-encoding: chunked\r\n\r\n`
const list = async (url: string) =>
  (await fetch(`${url}/api/users`, { headers: { 'cache-control': 'no-cache' } })).status

describe('a request whose body is still arriving holds no place', () => {
  test.each([
    ['a body that does not come', unfinished],
    ['chunks that do not come', `${chunked}1\r\n{\r\n`],
    ['chunks that are none', `${chunked}ZZ\r\n`],
    ['a GET with a body that nobody reads', `GET /api/users HTTP/1.1\r\n${head}content-length: 9\r\n\r\n{`],
  ])('%s', async (_, sent) => {
    const { port, url } = await listen({ maxInFlight: 3 })
    const sockets = Array.from({ length: 20 }, () => open(port, sent))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    // Beside them, and after all of them have been read.
    for (let n = 0; n < 3; n++) expect(await list(url)).toBe(200)
  })

  test('and takes one when the body is complete, or is refused where none is free', async () => {
    const gate = Promise.withResolvers<void>()
    const embed = (texts: readonly string[]) => gate.promise.then(() => deps.embedder.embed(texts))
    const { port, url } = await listen({ maxInFlight: 1 }, { embedder: { ...deps.embedder, embed } })
    const body = JSON.stringify({ prompt: 'late' })
    const late = open(port, `POST /query/rag HTTP/1.1\r\n${head}content-length: ${body.length}\r\n\r\n`)
    await soon(() => list(url)).toBe(200)
    const slow = fetch(`${url}/query/rag?prompt=slow`)
    await soon(() => list(url)).toBe(503)
    late.write(body)
    await soon(() => late.text).toMatch(/^HTTP\/1\.1 503 [\s\S]*overloaded/)
    gate.resolve()
    expect((await slow).status).toBe(200)
    await soon(() => list(url)).toBe(200)
  })
})

describe('a client that sends nothing is cut off, even if it never closes its side:', () => {
  test('an unfinished body ends with 408 at the request’s deadline', async () => {
    const { port, connections } = await listen({ deadlineMs: 300 })
    const sockets = [unfinished, `${chunked}1\r\n{\r\n`].map((sent) => open(port, sent))
    for (const socket of sockets) await soon(() => socket.text).toMatch(/^HTTP\/1\.1 408 /)
    for (const { text } of sockets) expect(text).toMatch(/connection: close[\s\S]*"reason":"request_timeout"/i)
    await soon(connections).toBe(0)
  })

  test('a malformed request ends its connection after an error answer, with the requests before it', async () => {
    const aborted = Promise.withResolvers<void>()
    const writer = {
      model: 'endless',
      async *write(_: unknown, signal: AbortSignal) {
        yield 'Once '
        await once(signal, 'abort')
        aborted.resolve()
        signal.throwIfAborted()
      },
    }
    const { port, url, connections } = await listen({ maxInFlight: 1 }, { writer })
    const sockets = [`${chunked}ZZ\r\n`, 'hello\r\n\r\n'].map((sent) => open(port, sent))
    for (const socket of sockets) await soon(() => socket.text).toMatch(/^HTTP\/1\.1 400 /)
    await soon(connections).toBe(0)
    const stream = open(port, `GET /query/answer?prompt=order HTTP/1.1\r\nhost: x\r\n\r\n`)
    await soon(() => stream.text).toContain('event: passages')
    expect(await list(url)).toBe(503)
    stream.write('hello\r\n\r\n')
    await aborted.promise
    await soon(() => list(url)).toBe(200)
  })
})

test('an address may have 200 bodies arriving at once; others are not affected', async () => {
  const { port } = await listen({ trustedProxies: 1 })
  const from = (address: string) => open(port, unfinished.replace('\r\n', `\r\nx-forwarded-for: ${address}\r\n`))
  const sockets = Array.from({ length: 201 }, () => from('192.0.2.1'))
  const refused = () => sockets.filter(({ text }) => /^HTTP\/1\.1 429 [\s\S]*are arriving/.test(text)).length
  await soon(refused).toBe(1)
  const whole = async (address: string) => {
    const socket = from(address)
    socket.write(`"prompt":"whole"}`.padEnd(999))
    await once(socket, 'data')
    return socket.text.slice(0, 12)
  }
  expect(await whole('192.0.2.2')).toBe('HTTP/1.1 200')
  sockets.find(({ text }) => text === '')?.resetAndDestroy()
  await soon(() => whole('192.0.2.1')).toBe('HTTP/1.1 200')
  expect(refused()).toBe(1)
})

test('a body that comes byte by byte is read whole, and one that is not UTF-8 is refused', async () => {
  const { port } = await listen({})
  const body = JSON.stringify({ prompt: 'é' })
  const slow = open(port, `POST /query/rag HTTP/1.1\r\n${head}transfer-encoding: chunked\r\n\r\n`)
  slow.setNoDelay(true)
  for (const byte of Buffer.from(body)) slow.write(Buffer.from([...Buffer.from('1\r\n'), byte, 13, 10]))
  slow.write('0\r\n\r\n')
  await soon(() => slow.text).toMatch(/^HTTP\/1\.1 200 [\s\S]*"query":"é"/)
  const bad = open(port, `POST /query/rag HTTP/1.1\r\n${head}content-length: 14\r\n\r\n`)
  bad.write(Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from([0xff]), Buffer.from('"}')]))
  await soon(() => bad.text).toMatch(/^HTTP\/1\.1 400 [\s\S]*body: must be UTF-8/)
})

describe('a caller who hangs up is not logged as a failure', () => {
  const rpcStream = `/trpc/query.answer?batch=1&input=${encodeURIComponent('{"0":{"prompt":"order"}}')}`
  test.each([
    ['an upload by REST', unfinished, 'other', 'rest'],
    ['an upload by RPC', `${chunked}1\r\n{\r\n`, 'users.update', 'rpc'],
  ])('%s', async (_, sent, name, door) => {
    const observed: unknown[] = []
    const { port } = await listen({ observe: (...what) => void observed.push(what.slice(0, 3)) })
    const socket = open(port, sent.replace('\r\n', '\r\nexpect: 100-continue\r\n'))
    await soon(() => socket.text).toContain('100 Continue')
    socket.resetAndDestroy()
    await soon(() => observed).toEqual([[name, door, 'CLIENT_CLOSED_REQUEST']])
    expect(logged.filter(({ level }) => Number(level) > 30)).toEqual([])
    expect(logged.find(({ msg }) => msg === 'request')).toMatchObject({ status: 499 })
  })

  test.each([
    ['server-sent events', 'GET /query/answer?prompt=order HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['JSON Lines', `GET ${rpcStream} HTTP/1.1\r\nhost: x\r\ntrpc-accept: application/jsonl\r\n\r\n`],
  ])('a stream: %s', async (_, sent) => {
    const ended = Promise.withResolvers<string>()
    const writer = {
      model: 'endless',
      async *write(_: unknown, signal: AbortSignal) {
        try {
          yield 'Once '
          await once(signal, 'abort')
          signal.throwIfAborted()
        } catch (error) {
          ended.resolve((error as Error).name)
          throw error
        }
      },
    }
    const { port, url, connections } = await listen({}, { writer })
    const socket = open(port, sent)
    await soon(() => socket.text).toContain('passages')
    socket.resetAndDestroy()
    expect(await ended.promise).toBe('AbortError')
    await soon(connections).toBe(0)
    expect(await list(url)).toBe(200)
    expect(logged.filter(({ level }) => Number(level) > 30)).toEqual([])
  })
})
