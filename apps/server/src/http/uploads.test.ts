import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSpool, type Deps } from '@extropy/api'
import { createAccount, createKeyOf, createTestDeps, type TestAccount } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createApp } from './app.ts'
import { createHttpServer } from './http-server.ts'

const maxBytes = 3_000_000

let database: TestDatabase
let folder: string
let deps: Deps
let ada: TestAccount
let reader: TestAccount
let server: ReturnType<typeof createHttpServer>
let port: number
let url: string
const logged: string[] = []
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  folder = await mkdtemp(join(tmpdir(), 'extropy-uploads-'))
  deps = { ...(await createTestDeps(database)), spool: createSpool({ folder, maxBytes }) }
  ada = await createAccount(deps)
  reader = await createKeyOf(deps, ada.userId, 'read')
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })
  // Files take longer than other requests may: with this deadline one that takes a second is late.
  server = createHttpServer(createApp(deps, logger, { anonymousPerHour: 1e9, deadlineMs: 300 }), logger)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  url = `http://127.0.0.1:${port}/api/imports`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
  await database.close()
})

interface Answer {
  readonly id: string
  readonly error: { readonly message: string; readonly data: unknown }
}

interface Sent {
  readonly body: NonNullable<RequestInit['body']>
  readonly query?: string
  readonly headers?: Record<string, string>
  readonly key?: string | undefined
}

async function send({ body, query = '', headers = {}, key = ada.key }: Sent) {
  const response = await fetch(`${url}${query}`, {
    method: 'POST',
    headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
    body,
    duplex: 'half',
  } as RequestInit)
  const answer = (await response.json()) as Answer
  return { status: response.status, location: response.headers.get('location'), answer }
}

/** The only file in the spool, which then is empty again. */
async function takeFile() {
  const [id = '', ...others] = await readdir(folder)
  expect(others).toEqual([])
  const [inner = ''] = await readdir(join(folder, id))
  const [name = ''] = await readdir(join(folder, id, inner))
  const bytes = await readFile(join(folder, id, inner, name))
  await rm(join(folder, id), { recursive: true })
  return { name: `${inner}/${name}`, bytes }
}

const octets = { 'content-type': 'application/octet-stream' }

test('a file goes into the spool as it came, and its job is answered', async () => {
  const body = Buffer.alloc(2_500_000, 'moss ')
  const { status, location, answer } = await send({ body, query: '?name=notes/moss.txt', headers: octets })
  expect([status, location]).toEqual([202, `/api/jobs/${answer.id}`])
  expect(answer).toMatchObject({ name: 'notes/moss.txt', status: 'queued', userId: ada.userId, report: null })
  const file = await takeFile()
  expect(file.name).toBe('notes/moss.txt')
  expect(file.bytes.equals(body)).toBe(true)
})

test('JSON is a file like any other; its name may stand in a header', async () => {
  const json = { 'content-type': 'application/json' }
  const named = async (headers: Record<string, string>) => {
    const { status } = await send({ body: '[]', headers: { ...json, ...headers } })
    expect(status).toBe(202)
    return (await takeFile()).name
  }
  expect(await named({ 'x-filename': 'caf%C3%A9.json' })).toBe('import/café.json')
  expect(await named({ 'content-disposition': 'attachment; filename="a b.json"' })).toBe('import/a b.json')
  expect(await named({ 'content-disposition': "attachment; filename*=UTF-8''%2e%2e%2Fa.json" })).toBe('import/a.json')
  expect(await named({})).toBe('import/upload')
})

test('a browser sends a form with one file', async () => {
  const form = (...files: string[]) => {
    const data = new FormData()
    data.append('note', 'ignored')
    for (const file of files) data.append('file', new Blob([file.repeat(100_000)]), `${file}.md`)
    return data
  }
  expect((await send({ body: form('moss'), query: '?follow=true' })).status).toBe(202)
  expect(await takeFile()).toEqual({ name: 'import/moss.md', bytes: Buffer.from('moss'.repeat(100_000)) })
  expect((await send({ body: form('moss', 'peat') })).answer.error.message).toMatch(/body: must have one file/)
  expect((await send({ body: form() })).answer.error.message).toMatch(/body: has no file/)
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const cut = '--x\r\ncontent-disposition: form-data; name="f"; filename="a.md"\r\n\r\nText'
  expect((await send({ body: cut, headers })).answer.error.message).toMatch(/body: is no whole form/)
  expect((await send({ body: 'x', headers: { 'content-type': 'multipart/form-data' } })).status).toBe(400)
  expect(await readdir(folder)).toEqual([])
})

test.each([
  ['nothing', { body: '', headers: octets }, 400, /body: is empty/],
  [
    'more than is taken',
    { body: Buffer.alloc(maxBytes + 1), headers: octets },
    413,
    /body: must be at most 3000000 bytes/,
  ],
  [
    'what a form without files is',
    { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    /curl -T/,
  ],
  ['what is compressed on its way', { body: 'x', headers: { 'content-encoding': 'gzip' } }, 415, /content-encoding/],
  ['an unknown parameter', { body: 'x', query: '?folow=true', headers: octets }, 400, /folow: is not known here/],
  ['a parameter that is not valid', { body: 'x', query: '?follow=maybe', headers: octets }, 400, /follow/],
])('%s is refused by name, and leaves nothing', async (_, sent, status, message) => {
  const answered = await send(sent as Sent)
  expect([answered.status, answered.answer.error.message]).toEqual([status, expect.stringMatching(message)])
  expect(await readdir(folder)).toEqual([])
})

test('who may not import hears so before the file is on its way', async () => {
  expect((await send({ body: 'x', headers: octets, key: '' })).status).toBe(401)
  expect((await send({ body: 'x', headers: octets, key: reader.key })).status).toBe(403)
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST /api/imports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${reader.key}\r\ncontent-length: 2000000000\r\n\r\n`,
  )
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 403 [\s\S]*connection: close/i)
  socket.destroy()
})

const head = () =>
  `POST /api/imports?name=a.md HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ada.key}\r\ntransfer-encoding: chunked\r\n\r\n`

test('a file may take longer than other requests; of one whose caller hangs up nothing stays', async () => {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${head()}4\r\nMoss\r\n`)
  await expect.poll(() => readdir(folder)).toHaveLength(1)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  socket.write('4\r\n moo\r\n0\r\n\r\n')
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 202 /)
  expect((await takeFile()).bytes.toString()).toBe('Moss moo')
  socket.destroy()

  const leaving = connect(port, '127.0.0.1')
  leaving.write(`${head()}4\r\nMoss\r\n`)
  await expect.poll(() => readdir(folder)).toHaveLength(1)
  leaving.resetAndDestroy()
  await expect.poll(() => readdir(folder)).toEqual([])
  const jobs = await database.db.selectFrom('jobs').select('id').where('kind', '=', 'imports.run').execute()
  expect((await ada.as().imports.list({ limit: 100 })).items).toHaveLength(jobs.length)
  expect(logged).toEqual([])
})

test('a user sends four at a time', async () => {
  const sockets = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'))
  for (const socket of sockets) socket.write(`${head()}1\r\nM\r\n`)
  await expect.poll(() => readdir(folder)).toHaveLength(4)
  expect((await send({ body: 'x', headers: octets })).answer.error.data).toMatchObject({ reason: 'overloaded' })
  for (const socket of sockets) socket.resetAndDestroy()
  await expect.poll(() => readdir(folder)).toEqual([])
})
