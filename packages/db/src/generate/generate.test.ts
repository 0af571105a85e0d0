import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ledgerHash } from '../ledger-hash.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-db.ts'
import { DatabaseNotEmptyError, generate } from './generate.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let counts: Record<string, number>
beforeAll(async () => {
  database = await createTestDatabase(template)
  counts = await generate(database, { cards: 400, seed: 7, batchSize: 90 })
})
afterAll(() => database.close())

test('the reported counts equal the rows in the tables', async () => {
  for (const table of ['users', 'cards', 'attributions', 'extropyLedger'] as const) {
    const { count } = await database.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow()
    expect(counts[table], table).toBe(Number(count))
    expect(counts[table], table).toBeGreaterThan(19)
  }
})

test('a database that is not empty is refused', async () => {
  await expect(generate(database, { cards: 100 })).rejects.toThrow(DatabaseNotEmptyError)
})

test('every account is what its ledger rows add up to', async () => {
  const { rows } = await sql`
    select users.id from users
    left join lateral (select coalesce(sum(amount), 0) as received, count(*) as times from extropy_ledger
                       where to_user_id = users.id) as credit on true
    left join lateral (select coalesce(sum(amount), 0) as paid, count(*) as times from extropy_ledger
                       where from_user_id = users.id) as debit on true
    where extropy_balance <> received - paid or ledger_sequence <> credit.times + debit.times`.execute(database.db)
  expect(rows).toEqual([])
})

test('every row names the row before it in each of its accounts, and its hash holds', async () => {
  const heads = new Map<string, Uint8Array>()
  const ledger = await database.db.selectFrom('extropyLedger').selectAll().execute()
  const chain = ledger.flatMap((row) => [
    { account: row.toUserId, sequence: Number(row.toSequence), previous: row.toPreviousHash, row },
    ...(row.fromUserId === null
      ? []
      : [{ account: row.fromUserId, sequence: Number(row.fromSequence), previous: row.fromPreviousHash, row }]),
  ])
  for (const { account, previous, row } of chain.sort((a, b) => a.sequence - b.sequence)) {
    expect(previous).toEqual(heads.get(account) ?? null)
    expect(ledgerHash(row)).toEqual(row.hash)
    heads.set(account, row.hash)
  }
})

test('few cards get many attributions, few users write many cards', async () => {
  const { rows } = await sql<{ most: number; average: number }>`
    select max(count)::int as most, avg(count)::float8 as average
    from (select count(*) from cards group by user_id) as per_user`.execute(database.db)
  expect(rows[0]?.most).toBeGreaterThan(2 * (rows[0]?.average ?? Number.NaN))
})

if (template.kind === 'postgres') {
  test('the same seed makes the same rows, whatever the batch size; another seed others', async () => {
    const digest = async (seed: number, batchSize: number) => {
      const other = await createTestDatabase(template)
      await generate(other, { cards: 400, seed, batchSize })
      const { rows } = await sql`
        select (select md5(string_agg(cards::text, '' order by id)) from cards) as cards,
               (select md5(string_agg(users::text, '' order by id)) from users) as users,
               (select md5(string_agg(hash::text, '' order by hash)) from extropy_ledger) as ledger`.execute(other.db)
      await other.close()
      return rows
    }
    const once = await digest(7, 90)
    expect(await digest(7, 1000)).toEqual(once)
    expect(await digest(8, 90)).not.toEqual(once)
  })
}
