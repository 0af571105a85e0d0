import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createDatabase } from './create-db.ts'
import { findDrift } from './drift.ts'
import {
  MigrationLockError,
  migrate,
  migrateDown,
  migrationsOfNewer,
  planMigration,
  UnknownMigrationError,
} from './migrate.ts'
import { migrations, type TypedMigration } from './migrations/index.ts'
import { createBlankDatabase, type TestDatabase } from './testing/test-db.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
beforeEach(async () => {
  database = await createBlankDatabase(template)
})
afterEach(() => database.close())

const stepsOf = async (options: Parameters<typeof migrate>[1] = {}) => {
  const steps: string[] = []
  await migrate(database, { ...options, onStep: ({ kind, name }) => steps.push(`${kind}: ${name}`) })
  return steps
}

test('an empty database gets tables, indexes and statistics; a second run has nothing to do', async () => {
  const steps = await stepsOf()
  expect(steps).toContain('migration: 0002-contents')
  expect(steps).toContain('index created: idx_contents_platform_scraped')
  expect(steps.at(-1)).toBe('analyze: statistics of every table')
  expect(await findDrift(database.db)).toEqual([])
  expect(await stepsOf()).toEqual([])
})

test('a plan names what a run would do, and does nothing', async () => {
  const plan = (await planMigration(database)).map(({ kind, name }) => `${kind}: ${name}`)
  expect(plan.slice(0, 2)).toEqual(['migration: 0001-extensions', 'migration: 0002-contents'])
  expect(plan).toContain('index created: idx_cards_published_desc')
  expect(await tableExists('kysely_migration')).toBe(false)
  const steps = await stepsOf()
  // The migrations bring the unique indexes themselves; that can't be seen before they have run.
  expect(steps).toEqual(expect.arrayContaining(plan.filter((step) => !/_lower|_hash_active/.test(step))))
  expect(await planMigration(database)).toEqual([])
})

test('a run may stop at a migration; the last one can be undone, and done again', async () => {
  expect(await stepsOf({ to: '0002-contents' })).toEqual(['migration: 0001-extensions', 'migration: 0002-contents'])
  expect(await tableExists('cards')).toBe(false)
  expect(await migrateDown(database)).toBe('0002-contents')
  expect(await tableExists('contents')).toBe(false)
  await stepsOf()
  for (const name of Object.keys(migrations).reverse()) expect(await migrateDown(database)).toBe(name)
  expect(await migrateDown(database)).toBeUndefined()
  await stepsOf()
  expect(await findDrift(database.db)).toEqual([])
  await expect(stepsOf({ to: '0099-nothing' })).rejects.toThrow(UnknownMigrationError)
})

test('migrations of a newer release are named', async () => {
  await stepsOf()
  expect(await migrationsOfNewer(database)).toEqual([])
  await sql`insert into kysely_migration values ('0999-of-tomorrow', '2030-01-01')`.execute(database.db)
  expect(await migrationsOfNewer(database)).toEqual(['0999-of-tomorrow'])
  // An old server still starts: a rolling upgrade has old and new servers side by side.
  expect(await stepsOf()).toEqual([])
})

test('a failing migration leaves nothing of itself, keeps what came before it, and can be run again', async () => {
  let fails = true
  const half: TypedMigration = {
    async up(db) {
      await sql`create table half (id integer)`.execute(db)
      if (fails) throw new Error('the disk is full')
    },
    async down() {},
  }
  await expect(stepsOf({ migrations: { ...migrations, '9999-half': half } })).rejects.toThrow('the disk is full')
  expect(await tableExists('half')).toBe(false)
  expect(await tableExists('contents')).toBe(true)
  fails = false
  expect(await stepsOf({ migrations: { ...migrations, '9999-half': half } })).toContain('migration: 9999-half')
})

test('a migration may ask to run outside a transaction, beside others that run in one', async () => {
  const inTransaction: Record<string, boolean> = {}
  const probe = (name: string, transaction?: boolean): TypedMigration => ({
    ...(transaction === undefined ? {} : { transaction }),
    async up(db) {
      // Outside a transaction every statement has a time of its own.
      const now = async () => (await sql<{ now: string }>`select now()::text as now`.execute(db)).rows[0]?.now
      const first = await now()
      await sql`select pg_sleep(0.01)`.execute(db)
      inTransaction[name] = first === (await now())
    },
    async down() {},
  })
  await migrate(database, {
    migrations: { '1-with': probe('with'), '2-without': probe('without', false), '3-with': probe('again') },
  }).catch(
    // The tables are missing here, so the index step fails; the migrations have run.
    () => {},
  )
  expect(inTransaction).toEqual({ with: true, without: false, again: true })
})

if (template.kind === 'postgres') {
  describe('on a server', () => {
    test('of three migrators at once, one works and the others find it done', async () => {
      const others = await Promise.all([createDatabase({ url: database.url }), createDatabase({ url: database.url })])
      const stepCounts = await Promise.all(
        [database, ...others].map(async (handle) => {
          let steps = 0
          await migrate(handle, { lockPollMs: 10, onStep: () => steps++ })
          return steps
        }),
      )
      await Promise.all(others.map((handle) => handle.close()))
      expect(stepCounts.filter((steps) => steps > 0)).toHaveLength(1)
      expect(await findDrift(database.db)).toEqual([])
    })

    test('an index that a killed build left INVALID is drift, and is rebuilt', async () => {
      await migrate(database)
      await database.db
        .insertInto('authors')
        .values([author('a'), author('b')])
        .execute()
      // A unique build over duplicates fails as a killed one does: it leaves its index behind, INVALID.
      await sql`drop index idx_authors_username_trigram`.execute(database.db)
      await expect(
        sql`create unique index concurrently idx_authors_username_trigram on authors (display_name)`.execute(
          database.db,
        ),
      ).rejects.toThrow()
      expect(await findDrift(database.db)).toEqual([expect.stringContaining('but is «INVALID')])
      expect(await stepsOf()).toContain('invalid index rebuilt: idx_authors_username_trigram')
      expect(await findDrift(database.db)).toEqual([])
    })

    test('three migrators complete one index after a migrator was killed in the middle of its build', async () => {
      await migrate(database)
      await sql`drop index idx_cards_published_desc`.execute(database.db)
      // CREATE INDEX CONCURRENTLY waits for every transaction that may still write to the table.
      const writer = await openTransaction()
      const migrator = spawn(process.execPath, ['--input-type=module', '-e', migrateProgram], {
        env: { ...process.env, URL: database.url },
      })
      const pid = await waitFor(buildingBackend)
      migrator.kill('SIGKILL')
      await once(migrator, 'exit')
      // The server learns of the death only when it next talks to its client; an operator (or keepalive) ends it.
      await sql`select pg_terminate_backend(${pid})`.execute(database.db)
      await waitFor(async () => ((await buildingBackend()) === undefined ? true : undefined))
      await writer.rollback()
      expect((await findDrift(database.db)).join()).toContain('INVALID')

      const others = await Promise.all([1, 2, 3].map(() => createDatabase({ url: database.url })))
      await Promise.all(others.map((handle) => migrate(handle, { lockPollMs: 10 })))
      await Promise.all(others.map((handle) => handle.close()))
      expect(await findDrift(database.db)).toEqual([])
    })

    test('a migrator that waits too long says so', async () => {
      const other = await createDatabase({ url: database.url })
      const { promise: held, resolve: release } = Promise.withResolvers<void>()
      const { promise: started, resolve: hasStarted } = Promise.withResolvers<void>()
      const working = migrate(other, {
        migrations: {
          '1-slow': {
            async up() {
              hasStarted()
              await held
            },
            async down() {},
          },
        },
      }).catch(() => {})
      await started
      await expect(migrate(database, { lockPollMs: 5, lockTimeoutMs: 20 })).rejects.toThrow(MigrationLockError)
      release()
      await working
      await other.close()
    })
  })
}

const migrateProgram = `
  const { createDatabase, migrate } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
  await migrate(await createDatabase({ url: process.env.URL }))`

/** The process number of the session that builds an index; undefined while there is none. */
async function buildingBackend(): Promise<number | undefined> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_progress_create_index where datname = current_database() and phase <> 'initializing'`.execute(
    database.db,
  )
  return rows[0]?.pid
}

async function waitFor<Value>(find: () => Promise<Value | undefined>): Promise<Value> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('waited 20 s in vain')
}

async function openTransaction(): Promise<{ rollback(): Promise<void> }> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('begin')
  await client.query('lock table cards in row exclusive mode')
  return {
    async rollback() {
      await client.query('rollback')
      await client.end()
    },
  }
}

function author(username: string) {
  return { platform: 'web' as const, username, displayName: 'the same' }
}

async function tableExists(name: string): Promise<boolean> {
  const { rows } = await sql<{ found: string | null }>`select to_regclass(${name}) as found`.execute(database.db)
  return rows[0]?.found !== null
}
