import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { createKey, run, startServer } from '@extropy/server/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

let template: Template
let database: TestDatabase
/** The test's database through PgBouncer in transaction mode. */
let pooled: Record<string, string>
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
  database = await createTestDatabase(template)
  const { host } = new URL(process.env.TEST_PGBOUNCER_URL as string)
  const url = new URL(database.url)
  url.host = host
  pooled = { DATABASE_URL: url.href, DATABASE_BEHIND_POOLER: 'true' }
})
afterAll(async () => {
  await database.close()
  await removeTemplate(template)
})

test('a server that was not told of its pooler names the settings for one', async () => {
  const server = run('apps/server/src/main.ts', [], { DATABASE_URL: pooled.DATABASE_URL as string, PORT: '0' })
  expect(await server.exit()).toBe(1)
  expect(server.output()).toMatch(/unsupported startup parameter.*\n.*DATABASE_BEHIND_POOLER=true/)
})

test('a server behind a pooler does not migrate, and names the way to do it', async () => {
  await sql`drop index idx_contents_platform_scraped`.execute(database.db)
  const first = run('apps/server/src/main.ts', [], { ...pooled, PORT: '0' })
  expect(await first.exit()).toBe(1)
  expect(first.output()).toMatch(/not up to date.*idx_contents_platform_scraped.*Run pnpm db:migrate/)
  const migration = run('apps/server/src/cli/migrate.ts', [], { DATABASE_URL: database.url })
  expect([await migration.exit(), migration.output()]).toEqual([0, expect.stringContaining('index created')])
})

test('servers behind a pooler answer, and a key that one of them revoked is refused by the other at once', async () => {
  const key = await createKey(pooled, '--scope', 'admin')
  const servers = await Promise.all([startServer(pooled), startServer(pooled)])
  const [one, other] = servers.map(({ url }) => url)
  const ask = (url = '', path = '/api/users/me', init: RequestInit = {}, as = key) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' } })
  expect((await ask(one, '/query/rag?prompt=anything')).status).toBe(200)
  for (let round = 0; round < 5; round++) {
    const body = JSON.stringify({ name: 'second', scopes: ['read'] })
    const made = (await (await ask(one, '/api/keys', { method: 'POST', body })).json()) as { id: string; key: string }
    for (const url of [one, other, one, other]) expect((await ask(url, undefined, {}, made.key)).status).toBe(200)
    expect((await ask(one, `/api/keys/${made.id}`, { method: 'DELETE' })).status).toBe(200)
    for (const url of [other, one]) expect((await ask(url, undefined, {}, made.key)).status).toBe(401)
  }
  // A lock of a session would stay behind in whichever of the pooler's sessions had taken it.
  const { rows } = await sql`
    select objid from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`.execute(database.db)
  expect(rows).toEqual([])
  for (const { child, exit } of servers) {
    child.kill('SIGTERM')
    expect(await exit()).toBe(0)
  }
})
