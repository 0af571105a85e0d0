import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase } from './create-db.ts'
import { hotRead } from './driver/hot-read.ts'
import { DatabaseUnavailableError, isUnavailable, sqlState, sqlStates } from './pg-errors.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(template)
  await sql`create function fail(state text) returns void language plpgsql as
    $$ begin raise 'the server said so' using errcode = state; end $$`.execute(database.db)
})
afterAll(() => database.close())

const fail = (db: TestDatabase['db'], state: string) =>
  sql`select fail(${state})`.execute(db).catch((error: unknown) => error)

const statesOfTheServer =
  '08000 08006 25006 25P03 25P04 28000 28P01 3D000 53000 53100 53200 53300 53400 57000 57P01 57P02 57P03 57P04 57P05 58000 58030 58P01'

test.each(statesOfTheServer.split(' '))('%s is a state of the server: another call may well succeed', async (state) => {
  const error = await fail(database.db, state)
  expect(error).toBeInstanceOf(DatabaseUnavailableError)
  expect(error).toMatchObject({ code: state, message: 'the server said so' })
  expect(await sql`select 1 as one`.execute(database.db)).toMatchObject({ rows: [{ one: 1 }] })
})

test.each(['22003', '23505', '25P02', '40001', '42601', '54001', '57014', 'XX000'])(
  '%s is the statement’s own error, and stays as it is',
  async (state) => {
    const error = await fail(database.db, state)
    expect([sqlState(error), isUnavailable(error)]).toEqual([state, false])
  },
)

test('a transaction that met a state of the server is rolled back, and does not report a commit', async () => {
  const work = database.db.transaction().execute(async (trx) => {
    await trx.insertInto('embeddingModels').values({ name: 'half', dimension: 3 }).execute()
    await fail(trx, sqlStates.diskFull)
  })
  await expect(work).rejects.toThrow()
  expect(await database.db.selectFrom('embeddingModels').selectAll().execute()).toEqual([])
})

test('an error of a socket other than the database’s is left as it is', () => {
  expect(isUnavailable(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe(false)
})

if (template.kind === 'postgres') {
  const backend = async (db: TestDatabase['db']) =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid

  /** Slowly, so that calls at the same time take a connection each. */
  const mode = async (db: TestDatabase['db']) =>
    (
      await sql<{ mode: string }>`select current_setting('transaction_read_only') as mode from pg_sleep(0.1)`.execute(
        db,
      )
    ).rows[0]?.mode

  describe('a connection', () => {
    test.each([sqlStates.diskFull, '57P04', '25P03', '28P01'])('that reported %s is not used again', async (state) => {
      const handle = await createDatabase({ url: database.url, pool: { maxSize: 1 } })
      const before = await backend(handle.db)
      await fail(handle.db, state)
      expect(await backend(handle.db)).not.toBe(before)
      await handle.close()
    })

    test.each([
      ['of another password', { password: 'wrong', port: '1' }],
      ['without TLS on the other side', { search: '?sslmode=require' }],
      ['to a database that is not there', { pathname: '/nowhere' }],
    ])('%s cannot be opened, and the error names the server without its secrets', async (_, change) => {
      const url = new URL(database.url)
      Object.assign(url, change)
      const handle = await createDatabase({ url: url.href })
      const error = await sql`select 1`.execute(handle.db).catch((each: unknown) => each)
      await handle.close()
      expect(error).toBeInstanceOf(DatabaseUnavailableError)
      expect((error as Error).message).toContain(
        `The database at postgres://127.0.0.1:${url.port}${url.pathname} cannot be reached: `,
      )
      expect((error as Error).message).not.toContain('wrong')
    })
  })

  test('after a node stops taking writes, every open connection is replaced, and writes work again', async () => {
    const name = sql.id(new URL(database.url).pathname.slice(1))
    const setReadOnly = (on: boolean) =>
      sql`alter database ${name} set default_transaction_read_only = ${sql.lit(on ? 'on' : 'off')}`.execute(database.db)
    const model = hotRead('test.model', (db, input: { name: string }) =>
      db.selectFrom('embeddingModels').select('name').where('name', '=', input.name),
    )
    await setReadOnly(true)
    const handle = await createDatabase({ url: database.url, pool: { size: 4, maxSize: 4 } })
    const write = () => handle.db.insertInto('embeddingModels').values({ name: 'after', dimension: 3 }).execute()
    // Four connections and the lane, all opened while the node took no writes.
    const before = await Promise.all(Array.from({ length: 4 }, () => mode(handle.db)))
    expect(before).toEqual(['on', 'on', 'on', 'on'])
    await model(handle.db, { name: 'after' })
    await setReadOnly(false)
    const refused = await write().catch((error: unknown) => error)
    expect([isUnavailable(refused), sqlState(refused)]).toEqual([true, sqlStates.readOnlySqlTransaction])
    expect(handle.stats().lane?.connections).toBe(0)
    await write()
    const modes = await Promise.all(Array.from({ length: 4 }, () => mode(handle.db)))
    expect(modes).toEqual(['off', 'off', 'off', 'off'])
    expect(await model(handle.db, { name: 'after' })).toEqual([{ name: 'after' }])
    await handle.close()
  })
}
