import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase, type DatabaseHandle, type DatabaseOptions } from '../create-db.ts'
import { BusyError, isUnavailable } from '../pg-errors.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-db.ts'
import { withSignal } from './scopes.ts'

const template = inject('databaseTemplate')

test('an aborted signal stops a call before it starts, on the embedded database too', async () => {
  const database = await createTestDatabase(template)
  const aborted = withSignal(database.db, AbortSignal.abort(new Error('gone')))
  await expect(aborted.selectFrom('users').selectAll().execute()).rejects.toThrow('gone')
  await database.close()
})

if (template.kind === 'postgres') {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(template)
  })
  afterAll(() => database.close())

  const withHandle = async (options: Omit<DatabaseOptions, 'url'>, use: (handle: DatabaseHandle) => Promise<void>) => {
    const handle = await createDatabase({ url: database.url, ...options })
    await use(handle).finally(() => handle.close())
  }
  const sleep = (handle: Pick<DatabaseHandle, 'db'>, seconds: number) =>
    sql`select pg_sleep(${seconds})`.execute(handle.db)
  const sleepers = async () => {
    const { rows } = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and state = 'active' and query like 'select pg_sleep%'`.execute(database.db)
    return rows.length
  }
  const until = async (isDone: () => Promise<boolean> | boolean, ms = 5000) => {
    const startedAt = performance.now()
    while (!(await isDone())) {
      if (performance.now() - startedAt > ms) throw new Error(`not done after ${ms} ms`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  describe('a full pool', () => {
    test('refuses a caller after its wait, with an error of its own', async () => {
      await withHandle({ pool: { maxSize: 1, waitMs: 50 } }, async (handle) => {
        const running = sleep(handle, 0.3)
        const refused = await sleep(handle, 0).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(BusyError)
        expect((refused as Error).message).toBe('None of 1 database connections came free in 50 ms.')
        expect(isUnavailable(refused)).toBe(true)
        await running
        await sleep(handle, 0)
        expect(handle.stats().pool.refused).toBe(1)
      })
    })

    test('bounds the number of waiting callers', async () => {
      await withHandle({ pool: { maxSize: 1, maxWaiting: 2 } }, async (handle) => {
        const calls = await Promise.allSettled([1, 2, 3, 4].map(() => sleep(handle, 0.05)))
        expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
      })
    })

    test('shows in its statistics', async () => {
      await withHandle({ pool: { size: 1, maxSize: 2 } }, async (handle) => {
        const calls = [1, 2, 3].map(() => sleep(handle, 0.2))
        await until(() => handle.stats().pool.totalConnections === 2)
        expect(handle.stats().pool).toMatchObject({ poolSize: 1, maxSize: 2, checkedOut: 2, overflow: 1, waiting: 1 })
        await Promise.all(calls)
        expect(handle.stats().pool).toMatchObject({ checkedOut: 0, checkedIn: 2, waiting: 0, refused: 0 })
      })
    })
  })

  describe('an abort', () => {
    test('ends the statement on the server within 100 ms, and the connection lives on', async () => {
      await withHandle({ pool: { maxSize: 1 } }, async (handle) => {
        const { rows: before } = await sql`select pg_backend_pid() as pid`.execute(handle.db)
        const took: number[] = []
        for (let n = 0; n < 3; n++) {
          const controller = new AbortController()
          const call = sleep({ db: withSignal(handle.db, controller.signal) }, 30).catch((error: unknown) => error)
          await until(async () => (await sleepers()) === 1)
          const startedAt = performance.now()
          controller.abort(new Error('the client hung up'))
          await until(async () => (await sleepers()) === 0)
          took.push(performance.now() - startedAt)
          expect(await call).toEqual(new Error('the client hung up'))
        }
        // On a busy machine one of them waits for a processor.
        expect(Math.min(...took)).toBeLessThan(100)
        expect((await sql`select pg_backend_pid() as pid`.execute(handle.db)).rows).toEqual(before)
      })
    })

    test('ends a wait for a connection', async () => {
      await withHandle({ pool: { maxSize: 1 } }, async (handle) => {
        const running = sleep(handle, 1)
        const deadline = withSignal(handle.db, AbortSignal.timeout(20))
        const startedAt = performance.now()
        await expect(sleep({ db: deadline }, 0)).rejects.toThrow('timeout')
        expect(performance.now() - startedAt).toBeLessThan(800)
        await running
        await sleep(handle, 0)
        expect(handle.stats().pool).toMatchObject({ checkedOut: 0, waiting: 0 })
      })
    })

    test('rolls a transaction back', async () => {
      const controller = new AbortController()
      const call = withSignal(database.db, controller.signal)
        .transaction()
        .execute(async (trx) => {
          await trx.insertInto('embeddingModels').values({ name: 'aborted', dimension: 3 }).execute()
          setTimeout(() => controller.abort(new Error('hung up')), 20)
          await sql`select pg_sleep(30)`.execute(trx)
        })
      await expect(call).rejects.toThrow('hung up')
      expect(
        await database.db.selectFrom('embeddingModels').where('name', '=', 'aborted').selectAll().execute(),
      ).toEqual([])
    })

    test('of many callers at once leaves every connection usable', async () => {
      await withHandle({ pool: { maxSize: 10 } }, async (handle) => {
        const calls = Array.from({ length: 40 }, (_, n) =>
          sleep({ db: withSignal(handle.db, AbortSignal.timeout(10 + n)) }, 30),
        )
        const outcomes = await Promise.allSettled(calls)
        expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
        await Promise.all(Array.from({ length: 40 }, () => sleep(handle, 0)))
        expect(await sleepers()).toBe(0)
      })
    })
  })

  describe('a server that ends every connection', () => {
    const terminateAll = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`.execute(database.db)

    test('fails the running statements with a named error; later ones work', async () => {
      const idleErrors: Error[] = []
      await withHandle({ onIdleError: (error) => idleErrors.push(error) }, async (handle) => {
        await Promise.all([1, 2, 3].map(() => sleep(handle, 0.05)))
        const running = sleep(handle, 30).catch((error: unknown) => error)
        await until(async () => (await sleepers()) === 1)
        await terminateAll()
        expect(isUnavailable(await running)).toBe(true)
        await until(() => idleErrors.length === 2)
        await Promise.all(Array.from({ length: 10 }, () => sleep(handle, 0)))
      })
    })

    test('inside a transaction, between two statements, fails the next statement and not the process', async () => {
      await withHandle({}, async (handle) => {
        const call = handle.db.transaction().execute(async (trx) => {
          await sql`select 1`.execute(trx)
          await terminateAll()
          await new Promise((resolve) => setTimeout(resolve, 50))
          await sql`select 2`.execute(trx)
        })
        expect(isUnavailable(await call.catch((error: unknown) => error))).toBe(true)
        await sleep(handle, 0)
      })
    })
  })

  test('a connection that fell silent while idle is replaced before a caller gets it', async () => {
    await withHandle({ pool: { maxSize: 1, pingAfterIdleMs: 0 } }, async (handle) => {
      const pid = async () =>
        (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(handle.db)).rows[0]?.pid
      const first = await pid()
      expect(await pid()).toBe(first)
      await sql`select pg_terminate_backend(${first})`.execute(database.db)
      expect(await pid()).not.toBe(first)
    })
  })

  test('connections are recycled after so many uses', async () => {
    await withHandle({ pool: { size: 0, maxSize: 1, maxUses: 2 } }, async (handle) => {
      const pid = async () =>
        (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(handle.db)).rows[0]?.pid
      const first = await pid()
      expect(await pid()).toBe(first)
      expect(await pid()).not.toBe(first)
    })
  })

  test('connections are recycled when their time is up', async () => {
    await withHandle({ pool: { maxSize: 1, maxLifetimeSeconds: 1 } }, async (handle) => {
      const pid = async () =>
        (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(handle.db)).rows[0]?.pid
      const first = await pid()
      await expect.poll(pid, { timeout: 10_000 }).not.toBe(first)
    })
  })
}
