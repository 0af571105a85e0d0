import { createHash } from 'node:crypto'
import { generate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findActiveKey } from '../auth/find-active-key.ts'
import { getBalance, getTokenStats, listLedger } from './tokens.queries.ts'

let database: TestDatabase
let userId: string
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  await generate(database, { cards: 200 })
  const user = await database.db
    .selectFrom('users')
    .select('id')
    .orderBy('ledgerSequence', 'desc')
    .executeTakeFirstOrThrow()
  userId = user.id
})
afterAll(() => database.close())

test('the balance is the newest entry’s, in 8 places', async () => {
  const { balance } = await getBalance(database.db, userId)
  expect(balance).toMatch(/^\d+\.\d{8}$/)
  const { rows } = await sql<{ balance: string }>`
    select coalesce(sum(case when to_user_id = ${userId} then amount else -amount end), 0)::numeric(20,8) as balance
    from extropy_ledger where ${userId} in (from_user_id, to_user_id)`.execute(database.db)
  expect(balance).toBe(rows[0]?.balance)
})

test('the statistics are the sums of the ledger', async () => {
  const { rows } = await sql`
    select ${userId}::uuid as user_id,
           (select extropy_balance from users where id = ${userId}) as balance,
           coalesce(sum(amount) filter (where to_user_id = ${userId} and transaction_type = 'earn'), 0)::numeric(20,8) as earned,
           coalesce(sum(amount) filter (where to_user_id = ${userId} and transaction_type = 'transfer'), 0)::numeric(20,8) as received,
           coalesce(sum(amount) filter (where from_user_id = ${userId} and transaction_type = 'transfer'), 0)::numeric(20,8) as sent,
           coalesce(sum(amount) filter (where to_user_id = ${userId} and transaction_type = 'attribution'), 0)::numeric(20,8) as attributed,
           coalesce(sum(amount) filter (where from_user_id = ${userId} and transaction_type = 'attribution'), 0)::numeric(20,8) as paid,
           count(*)::float8 as movements
    from extropy_ledger where ${userId} in (from_user_id, to_user_id)`.execute(database.db)
  expect(await getTokenStats(database.db, userId)).toEqual(rows[0])
})

test('the ledger can be narrowed to a type', async () => {
  const { items } = await listLedger(database.db, { userId, limit: 100, type: 'transfer' })
  expect(items.length).toBeGreaterThan(0)
  expect(new Set(items.map(({ type }) => type))).toEqual(new Set(['transfer']))
})

test('an unknown account is not found', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000'
  await expect(getBalance(database.db, nobody)).rejects.toThrow('There is no user')
  await expect(getTokenStats(database.db, nobody)).rejects.toThrow('There is no user')
})

test('a key is found by its hash while it is active, not revoked and not expired', async () => {
  const hashOf = (key: string) => createHash('sha256').update(key).digest()
  const { keyHash } = await database.db
    .selectFrom('apiKeys')
    .select('keyHash')
    .where('isActive', '=', true)
    .where('isRevoked', '=', false)
    .executeTakeFirstOrThrow()
  expect(await findActiveKey(database.db, keyHash)).toMatchObject({ scopes: ['read', 'write'], rateLimitPerHour: 1000 })
  expect(await findActiveKey(database.db, hashOf('extro_live_unknown'))).toBeUndefined()
  await sql`update api_keys set expires_at = now() - interval '1 second' where key_hash = ${keyHash}`.execute(
    database.db,
  )
  expect(await findActiveKey(database.db, keyHash)).toBeUndefined()
  await sql`update api_keys set expires_at = now() + interval '1 hour', is_active = false where key_hash = ${keyHash}`.execute(
    database.db,
  )
  expect(await findActiveKey(database.db, keyHash)).toBeUndefined()
})
