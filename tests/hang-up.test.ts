import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

let template: Template
let database: TestDatabase
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
  database = await createTestDatabase(template)
  server = await startServer({ DATABASE_URL: database.url, LOG_LEVEL: 'error' })
})
afterAll(async () => {
  server.child.kill('SIGKILL')
  await database.close()
  await removeTemplate(template)
})

/** Statements that wait for a lock. */
const waiting = async () => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db)
  return rows[0]?.count
}

const id = '00000000-0000-4000-8000-000000000000'

test.each([
  // A table of words: the server itself looks for passages to embed and contents to analyse, and nobody cancels that.
  ['a search by REST', 'search_terms', '/query/rag?prompt=one'],
  ['a search by RPC', 'search_terms', `/trpc/query.rag?input=${encodeURIComponent('{"prompt":"two"}')}`],
  ['an answer', 'search_terms', '/query/answer?prompt=three'],
  ['a graph', 'cards', `/api/attributions/${id}/graph?depth=3`],
  ['a search of cards', 'cards', '/api/cards?search=four'],
  ['a search of authors', 'authors', '/api/authors?search=five'],
  ['a search of users', 'users', '/api/users?search=six'],
])('the database cancels %s that nobody waits for any more', async (_, table, path) => {
  await database.db.transaction().execute(async (trx) => {
    await sql`lock table ${sql.id(table)} in access exclusive mode`.execute(trx)
    const caller = new AbortController()
    const answer = fetch(server.url + path, { signal: caller.signal }).catch((error: Error) => error.name)
    await expect.poll(waiting, { timeout: 5000 }).toBeGreaterThan(0)
    caller.abort()
    expect(await answer).toBe('AbortError')
    // The lock is still held: only a cancel ends the wait for it.
    await expect.poll(waiting, { timeout: 5000 }).toBe(0)
  })
})

test('a caller who hangs up leaves no error in the log', async () => {
  server.child.kill('SIGTERM')
  expect(await server.exit()).toBe(0)
  expect(server.output()).not.toContain('request failed')
})
