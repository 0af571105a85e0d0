import { type CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase } from '../create-db.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-db.ts'
import { hotRead } from './hot-read.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
const queries: CompiledQuery[] = []
beforeAll(async () => {
  database = await createTestDatabase(template, { onQuery: (query) => queries.push(query) })
})
afterAll(() => database.close())

const insertModel = (db: TestDatabase['db'], name: string) =>
  db.insertInto('embeddingModels').values({ name, dimension: 3 }).execute()
const findModel = hotRead('test.findModel', (db, input: { name: string }) =>
  db.selectFrom('embeddingModels').select(['name', 'dimension']).where('name', '=', input.name),
)

describe('a transaction', () => {
  test('commits all its changes, or none', async () => {
    await database.db.transaction().execute((trx) => insertModel(trx, 'kept'))
    await expect(
      database.db.transaction().execute(async (trx) => {
        await insertModel(trx, 'lost')
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect(await findModel(database.db, { name: 'kept' })).toHaveLength(1)
    expect(await findModel(database.db, { name: 'lost' })).toHaveLength(0)
  })

  test('sees its own rows through a hot read, which stays on its connection', async () => {
    await database.db.transaction().execute(async (trx) => {
      await insertModel(trx, 'uncommitted')
      expect(await findModel(trx, { name: 'uncommitted' })).toEqual([{ name: 'uncommitted', dimension: 3 }])
    })
  })

  test('that swallowed an error reports that it was not committed', async () => {
    await expect(
      database.db.transaction().execute(async (trx) => {
        await insertModel(trx, 'half')
        await sql`select nonsense`.execute(trx).catch(() => {})
      }),
    ).rejects.toThrow()
    expect(await findModel(database.db, { name: 'half' })).toHaveLength(0)
  })

  test('can go back to a savepoint', async () => {
    const trx = await database.db.startTransaction().execute()
    await insertModel(trx, 'before')
    const inner = await trx.savepoint('s').execute()
    await insertModel(inner, 'after')
    await inner.rollbackToSavepoint('s').execute()
    await trx.commit().execute()
    expect(await findModel(database.db, { name: 'before' })).toHaveLength(1)
    expect(await findModel(database.db, { name: 'after' })).toHaveLength(0)
  })

  test('runs at the isolation level and in the mode that was asked for', async () => {
    const settings = await database.db
      .transaction()
      .setIsolationLevel('serializable')
      .setAccessMode('read only')
      .execute(async (trx) => {
        const { rows } =
          await sql`select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as read_only`.execute(
            trx,
          )
        return rows
      })
    expect(settings).toEqual([{ level: 'serializable', readOnly: 'on' }])
  })

  test('without a statement asks nothing of the server', async () => {
    const before = database.stats().pool.checkedOut
    await database.db.transaction().execute(async () => expect(database.stats().pool.checkedOut).toBe(before))
  })
})

test('a hot read is compiled once and takes new values each time', async () => {
  await insertModel(database.db, 'one')
  await insertModel(database.db, 'two')
  queries.length = 0
  const answers = await Promise.all(['one', 'two', 'one'].map((name) => findModel(database.db, { name })))
  expect(answers.map(([model]) => model?.name)).toEqual(['one', 'two', 'one'])
  expect(new Set(queries.map(({ sql: text }) => text)).size).toBe(1)
  expect(queries.map(({ parameters }) => parameters)).toEqual([['one'], ['two'], ['one']])
})

test('a hot read has a form for each set of given keys', async () => {
  const list = hotRead('test.list', (db, input: { dimension?: number | undefined; rows: number }) => {
    const query = db.selectFrom('embeddingModels').select('name').orderBy('name').limit(input.rows)
    return input.dimension === undefined ? query : query.where('dimension', '=', input.dimension)
  })
  await insertModel(database.db, 'three')
  queries.length = 0
  expect(await list(database.db, { rows: 1 })).toEqual(await list(database.db, { rows: 1, dimension: undefined }))
  expect(await list(database.db, { rows: 9, dimension: -1 })).toEqual([])
  expect((await list(database.db, { rows: 2 })).length).toBe(2)
  expect(new Set(queries.map(({ sql: text }) => text)).size).toBe(2)
})

test('affected rows are counted', async () => {
  const [result] = await database.db
    .updateTable('embeddingModels')
    .set({ dimension: 4 })
    .where('name', 'in', ['one', 'two'])
    .execute()
  expect(result?.numUpdatedRows).toBe(2n)
})

if (template.kind === 'postgres') {
  const preparedNames = async (db: TestDatabase['db']) => {
    const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements order by name`.execute(db)
    return rows.map(({ name }) => name)
  }

  describe('prepared statements', () => {
    const once = (db: TestDatabase['db'], name: string) =>
      db.selectFrom('embeddingModels').selectAll().where('name', '=', name).execute()

    test('have a name where they are hot; others, and all with the setting off, have none', async () => {
      const on = await createDatabase({ url: database.url, pool: { maxSize: 1 } })
      const off = await createDatabase({ url: database.url, pool: { maxSize: 1 }, preparedStatements: false })
      for (const name of ['a', 'b', 'c', 'd']) await Promise.all([once(on.db, name), once(off.db, name)])
      expect(await preparedNames(on.db)).toEqual(['extropy_0'])
      expect(await preparedNames(off.db)).toEqual([])
      await Promise.all([on.close(), off.close()])
    })

    test('survive a change of their table without an error', async () => {
      const handle = await createDatabase({ url: database.url, pool: { maxSize: 1 } })
      for (let n = 0; n < 4; n++) await once(handle.db, 'one')
      await findModel(handle.db, { name: 'one' })
      const all = hotRead('test.all', (db, input: { name: string }) =>
        db.selectFrom('embeddingModels').selectAll().where('name', '=', input.name),
      )
      await all(handle.db, { name: 'one' })
      await sql`alter table embedding_models add column note text`.execute(database.db)
      expect(await once(handle.db, 'one')).toMatchObject([{ name: 'one', note: null }])
      expect(await all(handle.db, { name: 'one' })).toMatchObject([{ name: 'one', note: null }])
      expect(await once(handle.db, 'one')).toMatchObject([{ note: null }])
      await sql`alter table embedding_models drop column note`.execute(database.db)
      await handle.close()
    })
  })

  describe('the lane', () => {
    const sleep = hotRead('test.sleep', (db, input: { seconds: number }) =>
      db.selectNoFrom(sql<string>`pg_sleep(${input.seconds})::text`.as('slept')),
    )

    test('takes hot reads, and leaves the pool alone', async () => {
      const handle = await createDatabase({ url: database.url })
      await Promise.all(Array.from({ length: 50 }, () => findModel(handle.db, { name: 'one' })))
      expect(handle.stats().lane).toMatchObject({ connections: 2, left: 0 })
      expect(handle.stats().pool.totalConnections).toBe(0)
      await handle.close()
    })

    test('moves a slow statement to the pool for good, so that others do not wait for it', async () => {
      const handle = await createDatabase({ url: database.url, lane: { connections: 1, statementMs: 30 } })
      await findModel(handle.db, { name: 'one' })
      let isOver = false
      const slow = sleep(handle.db, { seconds: 0.4 }).finally(() => {
        isOver = true
      })
      await findModel(handle.db, { name: 'one' })
      expect(isOver).toBe(false)
      expect(await slow).toEqual([{ slept: '' }])
      expect(handle.stats().lane?.left).toBe(1)
      await sleep(handle.db, { seconds: 0.1 })
      expect(handle.stats().lane?.left).toBe(1)
      await handle.close()
    })

    test('fails one statement’s error alone', async () => {
      const divide = hotRead('test.divide', (db, input: { by: number }) =>
        db.selectNoFrom(sql<number>`1 / ${input.by}::int`.as('quotient')),
      )
      const handle = await createDatabase({ url: database.url, lane: { connections: 1 } })
      const answers = await Promise.allSettled([1, 0, 1].map((by) => divide(handle.db, { by })))
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      await handle.close()
    })

    test('that breaks sends its reads again, without an error', async () => {
      const handle = await createDatabase({ url: database.url })
      await findModel(handle.db, { name: 'one' })
      const reads = Array.from({ length: 20 }, () => findModel(handle.db, { name: 'one' }))
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(handle.db)
      reads.push(...Array.from({ length: 20 }, () => findModel(handle.db, { name: 'one' })))
      for (const answer of await Promise.all(reads)) expect(answer).toHaveLength(1)
      await handle.close()
    })
  })

  const { TEST_PGBOUNCER_URL } = process.env
  if (TEST_PGBOUNCER_URL !== undefined) {
    test('everything works through PgBouncer in transaction mode', async () => {
      const { hostname, port } = new URL(TEST_PGBOUNCER_URL)
      const url = new URL(database.url)
      Object.assign(url, { hostname, port })
      for (const preparedStatements of [false, {}] as const) {
        const handle = await createDatabase({ url: url.href, behindPooler: true, preparedStatements })
        const answers = await Promise.all(
          Array.from({ length: 200 }, () =>
            handle.db.selectFrom('embeddingModels').select('name').where('name', '=', 'one').execute(),
          ),
        )
        expect(answers.every(([model]) => model?.name === 'one')).toBe(true)
        expect(await findModel(handle.db, { name: 'two' })).toHaveLength(1)
        await handle.db.transaction().execute((trx) => insertModel(trx, `bouncer ${String(preparedStatements)}`))
        await handle.close()
      }
    })
  }
}
