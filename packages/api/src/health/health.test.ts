import { createCache } from '@extropy/cache'
import { createFaultyStore, createMemoryStore } from '@extropy/cache/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { withinDeadline } from './deadline.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let deps: Deps
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(template)
  deps = await createTestDeps(database)
  admin = await createAccount(deps, { scope: 'admin' })
})
afterAll(() => database.close())

const anyone = (own: Partial<Deps> = {}) => createTestCaller({ ...deps, onInternalError: () => {}, ...own }).health
const asAdmin = (own: Partial<Deps> = {}) =>
  createTestCaller({ ...deps, onInternalError: () => {}, ...own }, admin.principal).health
/** Any access to it fails the test. */
const untouchable = new Proxy({}, { get: (_, name) => expect.fail(`asked for ${String(name)}`) }) as never
const unavailable = (reason: string, ...fields: string[]) => ({
  code: 'SERVICE_UNAVAILABLE',
  cause: { reason, issues: fields.map((field) => ({ field, message: expect.any(String) })) },
})

test('check calls its counts estimates', async () => {
  expect(await anyone().check()).toEqual({
    status: 'ok',
    version: '0.0.0-test',
    contents: expect.any(Number),
    countsAreEstimates: true,
  })
})

test('live contacts no other service', async () => {
  const parts = { db: untouchable, cache: untouchable, keys: untouchable, databaseStats: untouchable }
  expect(await anyone(parts).live()).toEqual({ status: 'ok', uptimeSeconds: expect.any(Number) })
})

describe('while every connection is taken, after two seconds and no later,', () => {
  const busy = async <Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; tookMs: number }> => {
    const one = template.kind === 'embedded' ? database : await createTestDatabase(template, { pool: { maxSize: 1 } })
    own = { db: one.db, databaseStats: one.stats }
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const { promise: taken, resolve: take } = Promise.withResolvers<void>()
    const holding = one.db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx)
      take()
      await done
    })
    await taken
    const startedAt = performance.now()
    try {
      return { answer: await work(), tookMs: performance.now() - startedAt }
    } finally {
      resolve()
      await holding
      if (one !== database) await one.close()
    }
  }
  let own: Partial<Deps> = {}
  const soon = (tookMs: number) => expect([tookMs >= 1900, tookMs < 4000]).toEqual([true, true])

  test('check and ready say 503', async () => {
    const { answer, tookMs } = await busy(() => Promise.allSettled([anyone(own).check(), anyone(own).ready()]))
    for (const each of answer) expect(each).toMatchObject({ reason: unavailable('database_timeout') })
    soon(tookMs)
  })

  test('performance says that the database is unhealthy', async () => {
    const { answer, tookMs } = await busy(() => asAdmin(own).performance())
    expect(answer).toMatchObject({
      status: 'degraded',
      database: { status: 'unhealthy', latency_ms: null, pool: { checked_out: 1 } },
      not_shown: { indexes: 'the database does not answer' },
    })
    soon(tookMs)
  })
})

test('a database that hangs so that nothing can be cancelled does not hold up an answer', async () => {
  const startedAt = performance.now()
  await expect(withinDeadline(deps.db, () => new Promise(() => {}), 30)).rejects.toMatchObject({
    reason: 'database_timeout',
  })
  expect(performance.now() - startedAt).toBeLessThan(1000)
})

describe('ready', () => {
  const ready = {
    status: 'ready',
    checks: { database: 'ok', migrations: 'ok', indexes: 'ok', redis: 'not configured' },
  }

  test('is true when all checks pass', async () => {
    expect(await anyone().ready()).toEqual(ready)
  })

  test('is false while an index is INVALID', async () => {
    const set = (valid: boolean) =>
      sql`update pg_index set indisvalid = ${valid} where indexrelid = 'idx_cards_published_desc'::regclass`.execute(
        deps.db,
      )
    await set(false)
    await expect(anyone().ready()).rejects.toMatchObject({
      ...unavailable('not_ready', 'indexes'),
      message: 'indexes: idx_cards_published_desc is INVALID: db:migrate rebuilds it',
    })
    await set(true)
    expect(await anyone().ready()).toEqual(ready)
  })

  test.skipIf(template.kind === 'embedded')('is true while an index is being built', async () => {
    const invalid = () =>
      sql<{ n: number }>`select count(*)::int as n from pg_index where not indisvalid`
        .execute(deps.db)
        .then(({ rows }) => rows[0]?.n)
    const older = await deps.db.startTransaction().execute()
    await sql`update users set bio = bio`.execute(older)
    const building = sql`create index concurrently idx_slow on users (bio)`.execute(deps.db)
    await vi.waitUntil(async () => (await invalid()) === 1, { timeout: 10_000 })
    expect(await anyone().ready()).toEqual(ready)
    await older.rollback().execute()
    await building
    await sql`drop index idx_slow`.execute(deps.db)
  })

  test('is false while a migration is pending', async () => {
    const { rows } = await sql<{ name: string; timestamp: string }>`
      delete from kysely_migration where name = '0010-word-index' returning *`.execute(deps.db)
    await expect(anyone().ready()).rejects.toMatchObject({
      ...unavailable('not_ready', 'migrations'),
      message: 'migrations: 0010-word-index is pending: run db:migrate',
    })
    await sql`insert into kysely_migration values (${rows[0]?.name}, ${rows[0]?.timestamp})`.execute(deps.db)
    expect(await anyone().ready()).toEqual(ready)
  })

  test('is false where no migration has ever run', async () => {
    await sql`alter table kysely_migration rename to kept`.execute(deps.db)
    await expect(anyone().ready()).rejects.toMatchObject({ cause: { reason: 'not_ready' } })
    await sql`alter table kept rename to kysely_migration`.execute(deps.db)
  })

  describe('is false while the database', () => {
    let own: TestDatabase
    const parts = () => ({ db: own.db, databaseStats: own.stats })
    const meetFullDisk = () =>
      sql`do $$ begin raise 'no space left on device' using errcode = '53100'; end $$`.execute(own.db).catch(() => {})
    beforeAll(async () => {
      own = await createTestDatabase(template, { pool: { maxSize: 1 } })
    })
    afterAll(() => own.close())

    test('takes no writes', async () => {
      await sql`set default_transaction_read_only = on`.execute(own.db)
      await expect(anyone(parts()).ready()).rejects.toMatchObject({
        ...unavailable('not_ready', 'database'),
        message: 'database: takes no writes: it is a standby, or was made read-only',
      })
      // A server's session of that kind has been dropped by now.
      await sql`set default_transaction_read_only = off`.execute(own.db)
      expect(await anyone(parts()).ready()).toEqual(ready)
    })

    test('has reported a full disk, until there is room again', async () => {
      await meetFullDisk()
      expect(own.stats().diskFullAt).toEqual(expect.any(Number))
      expect(await anyone(parts()).ready()).toEqual(ready)
    })

    // The embedded PostgreSQL runs no event triggers, and so cannot be kept from making a table.
    test.skipIf(template.kind === 'embedded')('has a full disk', async () => {
      await sql
        .raw(`
        create function refuse() returns event_trigger language plpgsql as
          $$ begin raise 'no space left on device' using errcode = '53100'; end $$;
        create event trigger full_disk on ddl_command_start execute function refuse()`)
        .execute(own.db)
      expect(await anyone(parts()).ready()).toEqual(ready)
      await meetFullDisk()
      await expect(anyone(parts()).ready()).rejects.toMatchObject({
        ...unavailable('not_ready', 'database'),
        message: 'database: has no room left on its disk',
      })
      await sql`drop event trigger full_disk`.execute(own.db)
      await vi.waitUntil(
        () =>
          anyone(parts())
            .ready()
            .then(
              () => true,
              () => false,
            ),
        { timeout: 5000 },
      )
    })
  })

  test('is false while a configured Redis cannot be reached', async () => {
    const store = createFaultyStore(createMemoryStore())
    const cache = createCache({ sweepMs: 0, shared: store })
    await vi.waitUntil(() => cache.stats().shared?.state === 'online')
    expect(await anyone({ cache }).ready()).toMatchObject({ checks: { redis: 'ok' } })
    await cache.close()
    const away = createCache({ sweepMs: 0, shared: { connect: () => Promise.reject(new Error('no')) } as never })
    await expect(anyone({ cache: away }).ready()).rejects.toMatchObject(unavailable('not_ready', 'redis'))
    expect(await anyone({ cache: away }).performance()).toMatchObject({
      status: 'degraded',
      cache: { shared: { state: 'offline' } },
    })
    await away.close()
  })
})

describe('performance', () => {
  test('answers in the shape that existing monitors read', async () => {
    const { status, response_time_ms, cache, database: db } = await anyone().performance()
    expect([status, typeof response_time_ms]).toEqual(['healthy', 'number'])
    expect(Object.keys(cache)).toEqual(
      expect.arrayContaining(
        'total_entries active_entries expired_entries hits misses stores evictions hit_rate max_cache_size memory_usage_estimate_mb'.split(
          ' ',
        ),
      ),
    )
    expect([db.status, typeof db.latency_ms]).toEqual(['healthy', 'number'])
    expect(Object.keys(db.pool)).toEqual(
      expect.arrayContaining('pool_size checked_out checked_in overflow total_connections'.split(' ')),
    )
  })

  test('counts the cache’s hits, misses and stores', async () => {
    const cache = createCache({ sweepMs: 0, maxEntries: 4 })
    for (const key of ['a', 'b', 'c', 'd', 'e'])
      await cache.getOrSet(key, async () => 'x'.repeat(1000), { tags: [key] })
    for (let n = 0; n < 3; n++) await cache.getOrSet('e', async () => 'never')
    await cache.invalidateTags(['c', 'd'])
    expect((await anyone({ cache }).performance()).cache).toMatchObject({
      total_entries: 4,
      active_entries: 2,
      expired_entries: 2,
      hits: 3,
      misses: 5,
      stores: 5,
      evictions: 1,
      evictions_by_cause: { entries: 1 },
      hit_rate: 37.5,
      max_cache_size: 4,
      memory_usage_estimate_mb: expect.closeTo(0.005, 2),
      shared: null,
    })
    await cache.close()
  })

  test('shows statements, indexes and tables to admins, and tells others that they are not shown', async () => {
    const withheld = 'needs a key with the scope admin'
    const writer = await createAccount(deps, { scope: 'write' })
    for (const answer of [await anyone().performance(), await writer.as().health.performance()]) {
      expect(answer).toMatchObject({ slowest_statements: null, indexes: null, tables: null })
      expect(answer.not_shown).toEqual({ slowest_statements: withheld, indexes: withheld, tables: withheld })
    }
    const shown = await asAdmin().performance()
    expect(shown.tables?.map(({ table }) => table)).toContain('audit_log')
    expect(shown.indexes).toMatchObject({ missing: [], invalid: [], bloated: [], unused: expect.any(Array) })
    if (template.kind === 'embedded') expect(shown.not_shown.slowest_statements).toMatch(/shared_preload_libraries/)
    else expect(shown.slowest_statements?.[0]).toMatchObject({ query: expect.any(String), mean_ms: expect.any(Number) })
  })

  test('shows the latencies that the server counted', async () => {
    const latencies = () => [{ procedure: 'cards.list', count: 2, errors: 1, p50Ms: 1.23456, p95Ms: 2, p99Ms: 3 }]
    expect((await anyone({ latencies }).performance()).procedures).toEqual([
      { procedure: 'cards.list', count: 2, errors: 1, p50_ms: 1.235, p95_ms: 2, p99_ms: 3 },
    ])
  })

  test('asks the database four times for all who ask at the same time: whether it answers, how many passages and jobs wait, how sources do', async () => {
    let queries = 0
    const counted = await createTestDatabase(template, { onQuery: () => queries++ })
    const own = { db: counted.db, databaseStats: counted.stats }
    await Promise.all(Array.from({ length: 50 }, () => anyone(own).performance()))
    expect(queries).toBe(4)
    await counted.close()
  })
})

describe('an admin', () => {
  const filled = async () => {
    const cache = createCache({ sweepMs: 0 })
    for (const key of ['a', 'b', 'c', 'd', 'e']) await cache.getOrSet(key, () => key, { tags: [key] })
    await cache.invalidateTags(['a', 'b'])
    return cache
  }
  const auditLine = async () => (await admin.as().audit.list({ limit: 1 })).items[0]

  test('clears the cache: the count is that of the entries that were there, and the audit log has it', async () => {
    const cache = await filled()
    expect(await asAdmin({ cache }).clearCache()).toEqual({ cleared: 5 })
    expect([cache.stats().entries, cache.peek('c')]).toEqual([0, undefined])
    expect(await auditLine()).toMatchObject({
      action: 'health.clearCache',
      actorUserId: admin.userId,
      details: { cleared: 5 },
    })
    expect(await asAdmin({ cache }).clearCache()).toEqual({ cleared: 0 })
  })

  test('cleans the cache up: entries that can still be served stay', async () => {
    const cache = await filled()
    expect(await asAdmin({ cache }).cleanupCache()).toEqual({ removed: 2 })
    expect([cache.stats().entries, cache.peek('c')]).toEqual([3, 'c'])
    expect(await auditLine()).toMatchObject({ action: 'health.cleanupCache', details: { removed: 2 } })
  })

  test('alone may clear the cache or clean it up', async () => {
    const cache = await filled()
    const writer = await createAccount(deps, { scope: 'write' })
    for (const caller of [anyone({ cache }), createTestCaller({ ...deps, cache }, writer.principal).health]) {
      await expect(caller.clearCache()).rejects.toMatchObject({ code: expect.stringMatching(/UNAUTHORIZED|FORBIDDEN/) })
      await expect(caller.cleanupCache()).rejects.toThrow()
    }
    expect(cache.stats().entries).toBe(5)
  })
})
