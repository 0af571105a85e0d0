import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Deps } from '@extropy/api'
import {
  contentLine,
  createKeyOf,
  createTestDeps,
  createWorld,
  ingestLines,
  publishCard,
  type World,
} from '@extropy/api/testing'
import { createClient } from '@extropy/client'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { get } from '../testing/read-write.ts'
import { type App, createApp } from './app.ts'
import { createHttpServer } from './http-server.ts'

let database: TestDatabase
let deps: Deps
let app: App
let world: World
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  app = createApp(deps, pino({ level: 'silent' }), { anonymousPerHour: 1e9 })
  world = await createWorld(deps)
})
afterAll(() => database.close())

const parse = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('an archive comes as JSON Lines, the same by the client, and a refusal has its status', async () => {
  const { owner, stranger } = world
  const path = `/api/users/${owner.userId}/export`
  const request = (key: string) => app.hono.request(path, { headers: { authorization: `Bearer ${key}` } })
  const response = await request(owner.key)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/jsonl'])
  expect(response.headers.get('cache-control')).toBe('no-store')
  const lines = parse(await response.text())
  expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(['user', 'key', 'card', 'movement']))
  expect(lines.at(-1)).toEqual({ type: 'done', lines: lines.length - 1 })
  expect((await request(stranger.key)).status).toBe(403)
  expect((await app.hono.request(path)).status).toBe(401)

  const silent = pino({ level: 'silent' })
  const server = createHttpServer(app, silent).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createClient({ url, apiKey: owner.key })
  expect(await Array.fromAsync(await client.users.export.query({ id: owner.userId }))).toEqual(lines)
  server.close()
  server.closeAllConnections()
})

/** Asks all of it twice, so that what may be kept is kept, and returns what of it names the word. */
async function naming(word: RegExp, paths: readonly string[], key?: string): Promise<string[]> {
  for (const path of paths) await get(app, path, key)
  const answers = await Promise.all(paths.map(async (path) => [path, (await get(app, path, key)).body] as const))
  return answers.filter(([, body]) => word.test(body)).map(([path]) => path)
}

test('after a content is deleted, no search, list, likeness or answer knows it', async () => {
  const { admin } = world
  const post = (n: string, body: string) =>
    contentLine({ title: `Post ${n}`, source_url: `https://example.org/${n}`, body })
  await ingestLines(deps, [
    post('stays', 'Of marsupials and order.'),
    post('goes', 'The thylacine, of marsupials and order.'),
  ])
  const rows = await deps.db
    .selectFrom('contents')
    .select(['id', 'sourceUrl'])
    .where('sourceUrl', 'like', '%s')
    .execute()
  const idOf = (end: string) => rows.find(({ sourceUrl }) => sourceUrl.endsWith(end))?.id as string
  const paths = [
    '/api/contents?limit=100',
    `/api/contents/${idOf('goes')}`,
    '/query/rag?prompt=thylacine',
    '/query/rag?prompt=marsupials&groupBy=content',
    '/query/answer?prompt=what+is+the+thylacine',
    `/api/contents/${idOf('stays')}/similar`,
  ]
  expect(await naming(/goes|The thylacine/, paths)).toEqual(paths)
  await admin.as().contents.delete({ id: idOf('goes') })
  expect(await naming(/goes|The thylacine/, paths)).toEqual([])
})

test('after a user is erased, no list, search, graph, archive or audit knows the name or the cards', async () => {
  const { admin, stranger, strangersCardId } = world
  const { id } = await admin
    .as()
    .users.create({ username: 'quagga7', email: 'quagga7@example.org', bio: 'quagga7 writes' })
  await admin.as().tokens.award({ toUserId: id, amount: '5' })
  await admin.as().keys.create({ userId: id, name: 'spare', scopes: ['read'] })
  const user = await createKeyOf(deps, id, 'write')
  const cardId = await publishCard(user, 'quagga7 on order')
  await user.as().cards.draft({ title: 'quagga7 alone', body: '', privacyLevel: 'JOURNAL' })
  const { id: attributionId } = await user
    .as()
    .attributions.create({ sourceCardId: strangersCardId, targetCardId: cardId, type: 'reply', context: 'quagga7' })
  const open = [
    '/api/users?limit=100',
    '/api/users?search=quagga7',
    `/api/users/${id}`,
    '/api/users/by-username/quagga7',
    '/api/cards?limit=100',
    '/api/cards?search=quagga7',
    `/api/cards?userId=${id}`,
    `/api/cards/${cardId}`,
    `/api/attributions/${strangersCardId}`,
    `/api/attributions/${strangersCardId}/graph?depth=3`,
    `/api/attributions/received/${stranger.userId}`,
    `/api/attributions/by-id/${attributionId}`,
  ]
  const owned = [`/api/users/${id}/export`, `/api/users/${id}`]
  expect(await naming(/quagga7/, open)).toEqual(open)
  expect(await naming(/quagga7/, owned, admin.key)).toEqual(owned)
  await admin.as().users.erase({ id })
  expect(await naming(/quagga7/, open)).toEqual([])
  const audit = [
    '/api/audit?limit=100',
    `/api/audit?actorUserId=${id}`,
    `/api/tokens/ledger/${id}`,
    `/api/keys?userId=${id}`,
  ]
  expect(await naming(/quagga7/, [...owned, ...audit], admin.key)).toEqual([])
  const { rows } = await sql<{ row: string }>`select audit_log::text as row from audit_log`.execute(deps.db)
  expect(rows.filter(({ row }) => row.includes('quagga7'))).toEqual([])
  // What moved has moved, under a name that tells nothing.
  expect((await get(app, `/api/tokens/ledger/${id}`, admin.key)).body).toContain('"earn"')
})

// The last one: it takes a table away.
test('an archive that breaks off says so in its last line, which is not «done»', async () => {
  const { owner } = world
  await sql`alter table audit_log rename to elsewhere`.execute(deps.db)
  const headers = { authorization: `Bearer ${owner.key}` }
  const lines = parse(await (await app.hono.request(`/api/users/${owner.userId}/export`, { headers })).text())
  expect(lines[0]).toMatchObject({ type: 'user' })
  expect(lines.at(-1)).toMatchObject({ type: 'error', error: { data: { reason: 'internal' } } })
  expect(lines.filter(({ type }) => type === 'done')).toEqual([])
})
