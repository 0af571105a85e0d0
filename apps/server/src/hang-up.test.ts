import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { contentLine, createTestDeps, createWorld, ingestLines, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { type ServerType, serve } from '@hono/node-server'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createApp } from './app.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let app: ReturnType<typeof createApp>
let world: World
const failures: unknown[] = []
beforeAll(async () => {
  database = await createTestDatabase(template)
  const deps = await createTestDeps(database)
  await ingestLines(deps, [contentLine({ body: 'Async closures.' })])
  world = await createWorld(deps)
  app = createApp(deps, pino({ level: 'error' }, { write: (line: string) => void failures.push(line) }))
})
afterAll(() => database.close())

test('a search for a caller who has gone already is not begun, and is no error of ours', async () => {
  const response = await app.request('/query/rag?prompt=closures', { signal: AbortSignal.abort() })
  expect(response.status).toBe(499)
  expect(await response.json()).toMatchObject({ error: { data: { reason: 'cancelled' } } })
  expect(failures).toEqual([])
})

// The embedded database has one session: nothing else of it could wait, and nobody could look.
if (template.kind === 'postgres') {
  let server: ServerType
  let url: string
  beforeAll(async () => {
    server = serve({ fetch: app.fetch, port: 0 })
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  const waiting = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db)
    return rows[0]?.count
  }

  test.each([
    ['a search by REST', 'content_chunks', () => '/query/rag?prompt=closures'],
    ['a search by RPC', 'content_chunks', () => `/trpc/query.rag?input=${encodeURIComponent('{"prompt":"closures"}')}`],
    ['an answer', 'content_chunks', () => '/query/answer?prompt=closures'],
    ['similar contents', 'content_chunks', () => `/api/contents/${world.contentId}/similar`],
    ['a graph', 'attributions', () => `/api/attributions/${world.publishedCardId}/graph?depth=3`],
    ['a search of cards', 'cards', () => '/api/cards?search=closures'],
    ['a search of authors', 'authors', () => '/api/authors?search=ana'],
    ['a search of users', 'users', () => '/api/users?search=ana'],
  ])('%s that nobody waits for any more is cancelled in the database, and is no error', async (_, table, path) => {
    await database.db.transaction().execute(async (trx) => {
      await sql`lock table ${sql.id(table)} in access exclusive mode`.execute(trx)
      const caller = new AbortController()
      const answer = fetch(url + path(), { signal: caller.signal }).catch((error: Error) => error.name)
      await expect.poll(waiting).toBeGreaterThan(0)
      caller.abort()
      expect(await answer).toBe('AbortError')
      // The lock is still held: only a cancel ends the wait for it.
      await expect.poll(waiting, { timeout: 5000 }).toBe(0)
    })
    expect(failures).toEqual([])
  })
}
