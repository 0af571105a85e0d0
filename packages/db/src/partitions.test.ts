import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findDrift } from './drift.ts'
import { migrate } from './migrate.ts'
import {
  ArchivedMonthError,
  addMonths,
  archiveSchema,
  attachPartition,
  createPartitions,
  detachPartitions,
  listPartitions,
} from './partitions.ts'
import { sqlState, sqlStates } from './pg-errors.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let userId: string
beforeAll(async () => {
  database = await createTestDatabase(template)
  const user = await database.db
    .insertInto('users')
    .values({ username: 'ada', email: 'ada@example.org', displayName: 'Ada' })
    .returning('id')
    .executeTakeFirstOrThrow()
  userId = user.id
})
afterAll(() => database.close())

let sequence = 0
const mint = (createdAt: string, idempotencyKey: string | null = null) =>
  database.db
    .insertInto('extropyLedger')
    .values({
      toUserId: userId,
      amount: '1',
      transactionType: 'earn',
      toBalanceAfter: '1',
      toSequence: String(++sequence),
      toPreviousHash: sequence === 1 ? null : Buffer.alloc(32),
      hash: Buffer.alloc(32),
      idempotencyKey,
      createdAt,
    })
    .execute()

const names = async (table = 'extropy_ledger') =>
  (await listPartitions(database.db)).filter((month) => month.table === table).map(({ name }) => name)

test('a migrated database has this month and six more', async () => {
  expect(await names()).toHaveLength(7)
  expect(await names('fetches')).toHaveLength(7)
  expect(await names('audit_log')).toHaveLength(7)
  const thisMonth = new Date().toISOString().slice(0, 7).replace('-', '_')
  expect((await names())[0]).toBe(`extropy_ledger_${thisMonth}`)
  expect(await createPartitions(database.db)).toBe(0)
})

test('months are created ahead, indexed like the others, and are no drift', async () => {
  const from = new Date('2020-11-15T00:00:00Z')
  const created: string[] = []
  await createPartitions(database.db, { from, now: from, monthsAhead: 2, onStep: ({ name }) => created.push(name) })
  const months = ['2020_11', '2020_12', '2021_01']
  const expected = ['audit_log', 'extropy_ledger', 'fetches'].flatMap((table) =>
    months.map((month) => `${table}_${month}`),
  )
  expect(created.toSorted()).toEqual(expected)
  expect(await findDrift(database.db)).toEqual([])
})

if (template.kind === 'postgres') {
  test('of several callers that create the same months at once, one does, and no row is lost', async () => {
    const from = new Date('2021-05-01T00:00:00Z')
    const create = () => createPartitions(database.db, { from, now: from, monthsAhead: 2 })
    const created = await Promise.all([create(), create(), create(), create()])
    expect(created.reduce((sum, count) => sum + count)).toBe(9)
    expect(await findDrift(database.db)).toEqual([])
  })
}

test('a movement lands in its month, to the microsecond; one outside of all months is refused', async () => {
  await mint('2020-11-30T23:59:59.999999Z')
  await mint('2020-12-01T00:00:00Z')
  const { rows } = await sql<{ name: string }>`
    select tableoid::regclass::text as name from extropy_ledger order by created_at`.execute(database.db)
  expect(rows.map(({ name }) => name)).toEqual(['extropy_ledger_2020_11', 'extropy_ledger_2020_12'])
  const refused = await mint('2019-01-01T00:00:00Z').catch((error: unknown) => error)
  expect(sqlState(refused)).toBe(sqlStates.checkViolation)
})

test('an idempotency key is unique over all months', async () => {
  await mint('2020-11-02T00:00:00Z', 'publish:1')
  const again = await mint('2020-12-02T00:00:00Z', 'publish:1').catch((error: unknown) => error)
  expect(sqlState(again)).toBe(sqlStates.uniqueViolation)
})

test.each([
  'update extropy_ledger set amount = 2',
  'delete from extropy_ledger',
  'truncate extropy_ledger',
  'truncate extropy_ledger_2020_12',
])('the ledger refuses: %s', async (statement) => {
  const refused = await sql
    .raw(statement)
    .execute(database.db)
    .catch((error: unknown) => error)
  expect(sqlState(refused)).toBe(sqlStates.restrictViolation)
})

test('old months are detached whole, and their keys stay taken', async () => {
  const concurrently = template.kind === 'postgres'
  const before = addMonths(new Date('2020-12-10T00:00:00Z'), 0)
  const detached = await detachPartitions(database.db, { before, concurrently })
  expect(detached.toSorted()).toEqual(['audit_log_2020_11', 'extropy_ledger_2020_11', 'fetches_2020_11'])
  expect(await names()).not.toContain('extropy_ledger_2020_11')
  const { rows } = await sql<{ count: string }>`
    select count(*) from ${sql.id(archiveSchema, 'extropy_ledger_2020_11')}`.execute(database.db)
  expect(rows).toEqual([{ count: '2' }])
  expect(await findDrift(database.db)).toEqual([])
  await expect(mint('2020-12-03T00:00:00Z', 'publish:1')).rejects.toThrow('extropy_ledger_keys_pkey')
})

test.each([
  'update extropy_archive.extropy_ledger_2020_11 set amount = 2',
  'delete from extropy_archive.extropy_ledger_2020_11',
  'truncate extropy_archive.extropy_ledger_2020_11',
])('an archived month refuses: %s', async (statement) => {
  const refused = await sql
    .raw(statement)
    .execute(database.db)
    .catch((error: unknown) => error)
  expect(sqlState(refused)).toBe(sqlStates.restrictViolation)
})

test('the current month and those to come are not detached', async () => {
  const before = addMonths(new Date(), 1)
  await expect(detachPartitions(database.db, { before, concurrently: false })).rejects.toThrow(RangeError)
})

test('a month that was detached but not archived is archived with its rows, and made anew', async () => {
  await mint('2020-12-20T00:00:00Z')
  await sql`alter table extropy_ledger detach partition extropy_ledger_2020_12`.execute(database.db)
  const from = new Date('2020-12-01T00:00:00Z')
  expect(await createPartitions(database.db, { from, now: from, monthsAhead: 0 })).toBe(1)
  const { rows } = await sql<{ count: string }>`
    select count(*) from ${sql.id(archiveSchema, 'extropy_ledger_2020_12')}`.execute(database.db)
  expect(Number(rows[0]?.count)).toBeGreaterThan(0)
  const changed = sql`delete from ${sql.id(archiveSchema, 'extropy_ledger_2020_12')}`.execute(database.db)
  await expect(changed).rejects.toThrow('append-only')
})

describe('a past month that was detached and not archived, as a kill in between leaves it', () => {
  const name = 'audit_log_2018_07'
  const now = new Date('2018-07-01T00:00:00Z')
  const count = async (schema?: string) => {
    const table = schema === undefined ? sql.id(name) : sql.id(schema, name)
    const { rows } = await sql<{ count: string }>`select count(*) from ${table}`.execute(database.db)
    return Number(rows[0]?.count)
  }
  const archiveOthers = () =>
    detachPartitions(database.db, {
      before: new Date('2018-01-01T00:00:00Z'),
      concurrently: template.kind === 'postgres',
      tables: ['fetches'],
    })

  test('is archived by the next run, and comes back', async () => {
    await createPartitions(database.db, { from: now, now, monthsAhead: 0 })
    await sql`insert into audit_log (action, created_at) values ('tokens.award', '2018-07-02')`.execute(database.db)
    const rows = await count()
    await sql`alter table audit_log detach partition ${sql.id(name)}`.execute(database.db)
    expect(await archiveOthers()).toEqual([name])
    expect(await count(archiveSchema)).toBe(rows)
    const changed = sql`delete from ${sql.id(archiveSchema, name)}`.execute(database.db)
    await expect(changed).rejects.toThrow('append-only')
    expect(await archiveOthers()).toEqual([])
    await attachPartition(database.db, name)
    expect(await names('audit_log')).toContain(name)
    expect(await findDrift(database.db)).toEqual([])
  })

  test('comes back where nothing has archived it yet', async () => {
    await sql`alter table audit_log detach partition ${sql.id(name)}`.execute(database.db)
    await attachPartition(database.db, name)
    expect(await names('audit_log')).toContain(name)
    expect(await findDrift(database.db)).toEqual([])
  })

  test('is left where it is, and told of, where a month of its name is archived already', async () => {
    await sql`alter table audit_log detach partition ${sql.id(name)}`.execute(database.db)
    await archiveOthers()
    await createPartitions(database.db, { from: now, now, monthsAhead: 0 })
    await sql`alter table audit_log detach partition ${sql.id(name)}`.execute(database.db)
    const refused = await archiveOthers().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ArchivedMonthError)
    expect((refused as Error).message).toContain(`--attach ${name}`)
    expect([await count(), await count(archiveSchema)]).toEqual([0, 1])
    const told = await attachPartition(database.db, name).catch((error: Error) => error.message)
    const [, statements = ''] = /run "(drop table .*?)"/.exec(String(told)) ?? []
    await sql.raw(statements).execute(database.db)
    await attachPartition(database.db, name)
    expect(await count()).toBe(1)
  })

  test('of the current month or a later one is left to what makes the months', async () => {
    const thisMonth = `audit_log_${new Date().toISOString().slice(0, 7).replace('-', '_')}`
    await sql`alter table audit_log detach partition ${sql.id(thisMonth)}`.execute(database.db)
    expect(await archiveOthers()).toEqual([])
    await attachPartition(database.db, thisMonth)
  })
})

test.each([
  ['empty', 0],
  ['not empty', 1],
])('a month that was made anew meanwhile, and is %s, comes back by what the message says', async (_, count) => {
  const name = 'audit_log_2019_05'
  const now = new Date('2019-05-01T00:00:00Z')
  const create = () => createPartitions(database.db, { from: now, now, monthsAhead: 0 })
  const insert = sql`insert into audit_log (action, created_at) values ('tokens.award', '2019-05-02')`
  const rowsOfMonth = async () => {
    const { rows } = await sql<{ count: string }>`select count(*) from ${sql.id(name)}`.execute(database.db)
    return Number(rows[0]?.count)
  }
  await create()
  await insert.execute(database.db)
  const before = await rowsOfMonth()
  const concurrently = template.kind === 'postgres'
  const detached = { before: addMonths(now, 1), concurrently, tables: ['audit_log'] }
  expect(await detachPartitions(database.db, detached)).toContain(name)
  await create()
  for (let row = 0; row < count; row++) await insert.execute(database.db)

  const again = await detachPartitions(database.db, detached).catch((error: unknown) => error)
  expect(again).toBeInstanceOf(ArchivedMonthError)
  expect((again as Error).message).toContain(`--attach ${name}`)
  expect(await rowsOfMonth()).toBe(count)
  const refused = await attachPartition(database.db, name).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ArchivedMonthError)
  const { message } = refused as Error
  expect(message).toContain(`${name} was made anew meanwhile`)
  const [first = '', second] = [...message.matchAll(/"(.*?)"/g)].map(([, statements]) => statements)
  await sql.raw(first).execute(database.db)
  await attachPartition(database.db, name)
  if (second !== undefined) await sql.raw(second).execute(database.db)
  expect(await rowsOfMonth()).toBe(before + count)
  expect(await findDrift(database.db)).toEqual([])
})

test('an index that one month lacks is drift; the next migrate completes it, month by month', async () => {
  await sql`drop index idx_extropy_ledger_user_type_created`.execute(database.db)
  // As a build that was killed after its first step leaves it.
  await sql`
    create index idx_extropy_ledger_user_type_created on only extropy_ledger
    using btree (to_user_id, transaction_type, created_at desc, id desc)`.execute(database.db)
  expect((await findDrift(database.db)).join()).toContain('INVALID')
  const steps: string[] = []
  await migrate(database, { onStep: ({ kind, name }) => steps.push(`${kind}: ${name}`) })
  expect(steps).toContain('invalid index rebuilt: idx_extropy_ledger_user_type_created')
  expect(await findDrift(database.db)).toEqual([])
})
