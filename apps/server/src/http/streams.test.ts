import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { Deps } from '@extropy/api'
import { contentLine, createAccount, createTestDeps, ingestLines } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createApp } from './app.ts'
import { createHttpServer } from './http-server.ts'

/** On a busy machine soon is later. */
const soon = <Value>(read: () => Value) => expect.poll(read, { timeout: 10_000 })

let database: TestDatabase
let deps: Deps
let port: number
/** The language model's second sentence, and how often the model was asked. */
let more = Promise.withResolvers<string>()
let asked = 0
const closing: (() => unknown)[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const writer = {
    model: 'slow',
    async *write() {
      asked++
      yield 'Once upon a time. '
      yield await more.promise
    },
  }
  deps = { ...(await createTestDeps(database)), writer }
  await ingestLines(deps, [contentLine({ title: 'Order', body: 'The order of things.' })])
  const logger = pino({ level: 'silent' })
  const app = createApp(deps, logger, { anonymousPerHour: 1e9 })
  const server = createHttpServer({ ...app, fastPath: () => false }, logger).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  closing.push(() => server.close())
})
afterEach(() => {
  vi.useRealTimers()
  more = Promise.withResolvers()
  asked = 0
})
afterAll(async () => {
  for (const close of closing) close()
  await database.close()
})

function ask(path: string, headers = '', version = '1.1') {
  const socket = Object.assign(connect(port, '127.0.0.1'), { text: '' })
  socket.on('data', (bytes) => {
    socket.text += bytes
  })
  socket.write(`GET ${path} HTTP/${version}\r\nhost: x\r\n${headers}\r\n`)
  closing.unshift(() => socket.destroy())
  return socket
}

const events = '/query/answer?prompt=order'
const lines = `/trpc/query.answer?batch=1&input=${encodeURIComponent('{"0":{"prompt":"order"}}')}`

describe.each([
  ['server-sent events', events, '', ': still here\n\n'],
  ['JSON Lines', lines, 'trpc-accept: application/jsonl\r\n', ' '],
])('%s, through proxies', (_, path, headers, sign) => {
  test('are neither buffered nor compressed, and send a sign of life every ten seconds', async () => {
    vi.useFakeTimers({
      toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'],
      shouldAdvanceTime: true,
    })
    const socket = ask(path, `accept-encoding: gzip\r\n${headers}`)
    await soon(() => socket.text).toContain('passages')
    const head = socket.text.slice(0, socket.text.indexOf('\r\n\r\n'))
    expect(head).toMatch(/^HTTP\/1\.1 200 [\s\S]*^x-accel-buffering: no$/im)
    expect(head).toMatch(/^cache-control: no-cache, no-transform$/im)
    expect(head).not.toMatch(/^content-encoding/im)
    for (let signs = 1; signs < 4; signs++) {
      const before = socket.text.length
      await vi.advanceTimersByTimeAsync(10_000)
      await soon(() => socket.text.slice(before)).toContain(sign)
    }
    more.resolve('The end.')
    await soon(() => socket.text).toContain('"done"')
  })

  test('are framed without chunks for HTTP/1.0', async () => {
    more.resolve('The end.')
    const socket = ask(path, headers, '1.0')
    await once(socket, 'end')
    expect(socket.text).toMatch(/^HTTP\/1\.1 200 [\s\S]*"done"/)
    expect(socket.text).not.toMatch(/^transfer-encoding/im)
  })
})

describe('a browser that connects again', () => {
  const idsOf = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id)

  test('after the end gets 204, which stops it, and no language model is asked', async () => {
    more.resolve('The end.')
    const first = ask(events, 'connection: close\r\n')
    await once(first, 'end')
    expect(first.text).toContain('retry: 5000\n')
    expect(idsOf(first.text)).toEqual(['1', '2', '3', 'end'])
    expect(asked).toBe(1)
    const again = ask(events, 'connection: close\r\nlast-event-id: end\r\n')
    await once(again, 'end')
    expect(again.text).toMatch(/^HTTP\/1\.1 204 /)
    expect(asked).toBe(1)
  })

  test('after an error event gets 204 too; before the end it gets the answer from its beginning', async () => {
    more.promise.catch(() => {})
    more.reject(new Error('broken'))
    const failed = ask(events, 'connection: close\r\n')
    await once(failed, 'end')
    expect(failed.text).toMatch(/event: error\ndata: .*"internal".*\nid: end\n/)
    more = Promise.withResolvers()
    more.resolve('The end.')
    const again = ask(events, 'connection: close\r\nlast-event-id: 2\r\n')
    await once(again, 'end')
    expect(again.text).toMatch(/^HTTP\/1\.1 200 [\s\S]*event: passages/)
  })

  test('to the events of a job hears what is new alone, and then that it has ended', async () => {
    const { userId, key } = await createAccount(deps)
    const { rows } = await sql<{ id: string }>`
      insert into jobs (kind, input, user_id, status, lease_until, progress_done, revision)
      values ('test.streams', '{}', ${userId}, 'running', now() + interval '1 hour', 1, 3) returning id`.execute(
      database.db,
    )
    const id = rows[0]?.id
    const path = `/api/jobs/${id}/events`
    const asOwner = `authorization: Bearer ${key}\r\n`
    const first = ask(path, asOwner)
    await soon(() => idsOf(first.text)).toEqual(['3'])
    first.destroy()

    const again = ask(path, `connection: close\r\n${asOwner}last-event-id: 3\r\n`)
    await soon(() => again.text).toContain('200 OK')
    await sql`update jobs set progress_done = 2, revision = 4 where id = ${id}`.execute(database.db)
    await soon(() => idsOf(again.text)).toEqual(['4'])
    await sql`
      update jobs set status = 'succeeded', lease_until = null, finished_at = now(), revision = 5
      where id = ${id}`.execute(database.db)
    await once(again, 'end')
    expect(idsOf(again.text)).toEqual(['4', 'end'])
    expect(again.text).not.toContain('"done":1,')
  })
})
