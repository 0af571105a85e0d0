import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { verifyLedger, verifySnapshot } from './verify-ledger.ts'

let database: TestDatabase
let deps: Deps
let ada: TestAccount
let bob: TestAccount
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps, { tokens: '100' })
  bob = await createAccount(deps)
  admin = await createAccount(deps, { scope: 'admin' })
})
afterAll(() => database.close())

const balanceOf = async ({ userId }: TestAccount) => (await admin.as().tokens.balance({ userId })).balance
const problems = async () => (await verifyLedger(deps.db)).problems

describe('a transfer', () => {
  test('moves exactly the amount, and shows the payer only their own balance', async () => {
    const payment = await ada.as().tokens.transfer({ toUserId: bob.userId, amount: '0.10000001' })
    expect(payment).toMatchObject({ fromUserId: ada.userId, amount: '0.10000001', balanceAfter: '99.89999999' })
    expect(await balanceOf(bob)).toBe('0.10000001')
    const [entry] = (await bob.as().tokens.ledger({ userId: bob.userId })).items
    expect(entry).toMatchObject({ id: payment.id, balanceAfter: '0.10000001', type: 'transfer' })
    expect(await problems()).toEqual([])
  })

  test('of more than the balance moves nothing', async () => {
    const before = [await balanceOf(ada), await balanceOf(bob)]
    const refused = bob.as().tokens.transfer({ toUserId: ada.userId, amount: '1000' })
    await expect(refused).rejects.toMatchObject({
      code: 'UNPROCESSABLE_CONTENT',
      cause: { reason: 'insufficient_balance' },
    })
    expect([await balanceOf(ada), await balanceOf(bob)]).toEqual(before)
  })

  test('goes neither to oneself nor to nobody', async () => {
    const to = (toUserId: string) => ada.as().tokens.transfer({ toUserId, amount: '1' })
    await expect(to(ada.userId)).rejects.toMatchObject({ message: 'toUserId: is your own account' })
    await expect(to('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
      message: 'toUserId: no such user',
    })
  })

  test.each([
    ['1e3', 'no exponent'],
    ['NaN', 'digits'],
    ['-1', 'no sign'],
    ['0', 'more than 0'],
    ['0.00000000', 'more than 0'],
    ['0.000000001', 'has 9 decimal places'],
    ['1'.padEnd(31, '0'), 'less than 1,000,000,000,000'],
    [' 1', 'no spaces'],
    ['1.', 'digits'],
    ['٣', 'digits'],
    ['', 'digits'],
    [1, 'not a JSON number'],
    [null, 'not a JSON null'],
  ])('of %j is refused, with the reason', async (amount, why) => {
    const refused = ada.as().tokens.transfer({ toUserId: bob.userId, amount: amount as string })
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(why) })
  })

  test('above what an account can hold is refused', async () => {
    const rich = await createAccount(deps, { tokens: '999999999999.99999999' })
    const refused = ada.as().tokens.transfer({ toUserId: rich.userId, amount: '1' })
    await expect(refused).rejects.toMatchObject({ message: 'amount: is more than the receiving account can hold' })
  })

  test('has no limit over an account’s lifetime: only the balance has one', async () => {
    const most = '999999999999.99999999'
    const rich = await createAccount(deps, { tokens: most })
    const other = await createAccount(deps)
    for (const [from, to] of [
      [rich, other],
      [other, rich],
      [rich, other],
    ] as const) {
      await from.as().tokens.transfer({ toUserId: to.userId, amount: most })
    }
    await admin.as().tokens.award({ toUserId: rich.userId, amount: most })
    const { sent, earned } = await rich.as().tokens.stats({ userId: rich.userId })
    expect([sent, earned]).toEqual(Array(2).fill('1999999999999.99999998'))
  })
})

describe('an Idempotency-Key', () => {
  test('gives the same request the same answer, once paid', async () => {
    const input = { toUserId: bob.userId, amount: '1.5' }
    const before = await balanceOf(bob)
    const first = await ada.as('rent-1').tokens.transfer(input)
    expect(await ada.as('rent-1').tokens.transfer({ ...input, amount: '1.50' })).toEqual(first)
    expect(Number(await balanceOf(bob)) - Number(before)).toBeCloseTo(1.5, 8)
  })

  test('used for another request is a conflict, and nothing moves', async () => {
    await ada.as('rent-2').tokens.transfer({ toUserId: bob.userId, amount: '1' })
    const before = await balanceOf(ada)
    const other = ada.as('rent-2').tokens.transfer({ toUserId: bob.userId, amount: '2' })
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT', cause: { reason: 'idempotency_key_reused' } })
    expect(await balanceOf(ada)).toBe(before)
  })

  test('is its user’s own: another user may use the same', async () => {
    await ada.as('same').tokens.transfer({ toUserId: bob.userId, amount: '1' })
    const payment = await bob.as('same').tokens.transfer({ toUserId: ada.userId, amount: '1' })
    expect(payment.fromUserId).toBe(bob.userId)
  })

  test('of a refused request may be used again: nothing was stored', async () => {
    const poor = await createAccount(deps)
    const input = { toUserId: bob.userId, amount: '3' }
    await expect(poor.as('later').tokens.transfer(input)).rejects.toMatchObject({ code: 'UNPROCESSABLE_CONTENT' })
    await admin.as().tokens.award({ toUserId: poor.userId, amount: '3' })
    expect((await poor.as('later').tokens.transfer(input)).balanceAfter).toBe('0.00000000')
  })

  test.each(['', 'a b', 'é', 'x'.repeat(201)])('of %j is refused', async (key) => {
    const refused = ada.as(key).tokens.transfer({ toUserId: bob.userId, amount: '1' })
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('Idempotency-Key: ') })
  })

  test('sent twenty times at once pays once', async () => {
    const before = await balanceOf(ada)
    const input = { toUserId: bob.userId, amount: '1' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.as('burst').tokens.transfer(input)))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(Number(before) - Number(await balanceOf(ada))).toBeCloseTo(1, 8)
  })
})

test('200 parallel spends of a balance that covers 100 end with exactly 100 paid', async () => {
  const spender = await createAccount(deps, { tokens: '50' })
  const shop = await createAccount(deps)
  const spend = () => spender.as().tokens.transfer({ toUserId: shop.userId, amount: '0.5' })
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, spend))
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(failures).toHaveLength(100)
  for (const { reason } of failures) expect(reason).toMatchObject({ code: 'UNPROCESSABLE_CONTENT' })
  expect([await balanceOf(spender), await balanceOf(shop)]).toEqual(['0.00000000', '50.00000000'])
  expect(await problems()).toEqual([])
})

test('an award mints, and its reason is in the audit log', async () => {
  const { id } = await admin.as().tokens.award({ toUserId: bob.userId, amount: '2', reason: 'a prize' })
  const [line] = (await admin.as().audit.list({ actorUserId: admin.userId, limit: 1 })).items
  expect(line).toMatchObject({
    action: 'tokens.award',
    target: bob.userId,
    actorKeyId: admin.principal.keyId,
    address: '192.0.2.1',
    details: { amount: '2.00000000', reason: 'a prize', ledgerId: id },
  })
})

describe('written rows are final:', () => {
  test.each(['extropy_ledger', 'audit_log'])('%s takes no update, no delete and no truncate', async (table) => {
    const id = sql.raw(table)
    for (const statement of [sql`update ${id} set created_at = now()`, sql`delete from ${id}`, sql`truncate ${id}`]) {
      await expect(statement.execute(deps.db)).rejects.toThrow('append-only')
    }
  })

  test('their tables’ owner lacks the right too, unless a superuser', async () => {
    const { rows } = await sql<{ granted: string }>`
      select string_agg(distinct privilege_type, ',' order by privilege_type) as granted
      from information_schema.role_table_grants
      where table_name in ('extropy_ledger', 'audit_log') and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')`.execute(
      deps.db,
    )
    expect(rows[0]?.granted).toBeNull()
  })
})

describe('the verification finds', () => {
  const tamper = async (statement: string) => {
    const found: string[] = []
    const undo = new Error('undo')
    await deps.db
      .transaction()
      .execute(async (trx) => {
        await sql`set local session_replication_role = replica`.execute(trx)
        await sql.raw(statement).execute(trx)
        found.push(...(await verifySnapshot(trx)).problems)
        throw undo
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error
      })
    return found.join('\n')
  }
  const newest = `(select id from extropy_ledger where transaction_type = 'transfer' order by created_at desc limit 1)`

  test.each([
    [
      'a changed amount',
      `update extropy_ledger set amount = amount + 1 where id = ${newest}`,
      /hash is not that of its contents/,
    ],
    [
      'a removed row',
      `delete from extropy_ledger where id = (select id from extropy_ledger where to_sequence = 1 and from_sequence is null order by created_at limit 1)`,
      /row before it is missing/,
    ],
    [
      'a forged hash',
      `update extropy_ledger set hash = sha256('x') where to_sequence = 1 and exists (select from extropy_ledger l where l.from_sequence = 2 and l.from_user_id = extropy_ledger.to_user_id)`,
      /does not name the hash of the row before it/,
    ],
    [
      'a balance from nowhere',
      `update users set extropy_balance = extropy_balance + 1, tokens_earned = tokens_earned + 1 where extropy_balance between 1 and 1000`,
      /balances sum to .* but .* were minted[\s\S]*not what its rows make it/,
    ],
  ])('%s', async (_, statement, problem) => {
    expect(await tamper(statement)).toMatch(problem)
    expect(await problems()).toEqual([])
  })
})
