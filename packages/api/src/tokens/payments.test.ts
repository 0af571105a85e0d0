import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { createRecorder, type Database, withScope, withSignal } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { type Kysely, type KyselyPlugin, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { createPayments, type Payments } from './payments.ts'
import { verifyLedger } from './verify-ledger.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let deps: Deps
let ada: TestAccount
let bob: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(template)
  deps = await createTestDeps(database)
  ada = await createAccount(deps, { tokens: '1000' })
  bob = await createAccount(deps)
})
afterAll(() => database.close())

interface Order {
  readonly from?: TestAccount
  readonly to?: string
  readonly amount?: string
  readonly key?: string
  readonly hash?: number
  readonly db?: Kysely<Database>
}

function pay(
  payments: Payments,
  { from = ada, to = bob.userId, amount = '1', key, hash = 0, db = deps.db }: Order = {},
) {
  const request = { userId: from.userId, key, requestHash: Buffer.alloc(32, hash) }
  const actor = { principal: from.principal, address: undefined, requestId: 'test' }
  return payments.pay(db, request, actor, { action: 'tokens.transfer', from: from.userId, to, amount })
}

const balanceOf = async ({ userId }: TestAccount) => {
  const { extropyBalance } = await deps.db
    .selectFrom('users')
    .select('extropyBalance')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(extropyBalance)
}

/** Transactions that keyed requests like this were made in: their time is their transaction's. */
async function transactionsOf(prefix: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct created_at)::int as count from money_requests
    where starts_with(idempotency_key, ${prefix})`.execute(deps.db)
  return rows[0]?.count ?? 0
}

async function waitingForLocks(count: number): Promise<boolean> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(deps.db)
  return rows[0]?.waiting === count
}

/** The database with its statements counted, and with an error in the place of the second one where a code is given. */
function counting(code?: string, onFailure = () => {}) {
  const counted = { statements: 0 }
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (++counted.statements !== 2 || code === undefined) return node
      onFailure()
      throw Object.assign(new Error('as PostgreSQL says it'), { code })
    },
    transformResult: async ({ result }) => result,
  }
  return { db: deps.db.withPlugin(plugin), counted }
}

test('the first payment goes at once, and payments that come meanwhile share a transaction, up to its limit', async () => {
  const payments = createPayments(deps, { atOnce: 1, most: 10 })
  const before = await balanceOf(ada)
  const answers = await Promise.all(Array.from({ length: 14 }, (_, n) => pay(payments, { key: `meanwhile-${n}` })))
  // One, ten and three.
  expect(await transactionsOf('meanwhile-')).toBe(3)
  expect(answers.map(({ balanceAfter }) => Number(balanceAfter))).toEqual(answers.map((_, n) => before - 1 - n))
  expect((await verifyLedger(deps.db)).problems).toEqual([])
})

test('each payment of a batch has its own outcome', async () => {
  const payments = createPayments(deps, { atOnce: 1 })
  const poor = await createAccount(deps)
  const [before, held] = [await balanceOf(ada), await balanceOf(bob)]
  const outcomes = await Promise.allSettled([
    pay(payments),
    pay(payments, { key: 'own-end', amount: '2' }),
    pay(payments, { from: poor }),
    pay(payments, { to: '00000000-0000-4000-8000-000000000000' }),
    pay(payments, { key: 'own-end', amount: '2' }),
    pay(payments, { key: 'own-end', amount: '3', hash: 1 }),
    pay(payments, { from: bob, to: ada.userId, amount: '0.5' }),
  ])
  expect(outcomes.map((each) => (each.status === 'fulfilled' ? each.value.amount : each.reason.reason))).toEqual([
    '1.00000000',
    '2.00000000',
    'insufficient_balance',
    'not_found',
    '2.00000000',
    'idempotency_key_reused',
    '0.50000000',
  ])
  expect([await balanceOf(ada), await balanceOf(bob)]).toEqual([before - 2.5, held + 2.5])
  expect((await verifyLedger(deps.db)).problems).toEqual([])
})

test('a caller who leaves while waiting cancels the payment', async () => {
  const payments = createPayments(deps, { atOnce: 1 })
  const before = await balanceOf(ada)
  const controller = new AbortController()
  const leaving = { db: withSignal(deps.db, controller.signal), amount: '100' }
  const [first, second] = [pay(payments), pay(payments, leaving)]
  controller.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await expect(pay(payments, leaving)).rejects.toThrow('gone')
  await first
  expect(await balanceOf(ada)).toBe(before - 1)
})

test('each payment has its own line in the audit log', async () => {
  const payments = createPayments(deps, { atOnce: 1 })
  const others = await Promise.all(Array.from({ length: 3 }, () => createAccount(deps, { tokens: '1' })))
  const answers = await Promise.all([pay(payments), ...others.map((from) => pay(payments, { from }))])
  for (const [at, from] of others.entries()) {
    const line = await deps.db
      .selectFrom('auditLog')
      .select(['action', 'actorKeyId', 'details'])
      .where('actorUserId', '=', from.userId)
      .where('action', '=', 'tokens.transfer')
      .executeTakeFirstOrThrow()
    expect(line).toMatchObject({ actorKeyId: from.principal.keyId, details: { ledgerId: answers[at + 1]?.id } })
  }
})

test('a refused payment tells no cache that anything has changed', async () => {
  const payments = createPayments(deps, { atOnce: 1 })
  const poor = await createAccount(deps)
  const [refused, made] = [createRecorder(), createRecorder()]
  await Promise.allSettled([
    pay(payments),
    pay(payments, { from: poor, db: withScope(deps.db, { recorder: refused }) }),
    pay(payments, { db: withScope(deps.db, { recorder: made }) }),
  ])
  expect([...refused.writes]).toEqual([])
  expect([...made.writes]).toContain(`users$.id=${ada.userId}`)
})

test('nothing stays behind on the signal of a caller who stayed', async () => {
  const { signal } = new AbortController()
  await Promise.allSettled(
    [1, 2, 3].map((n) => pay(createPayments(deps), { db: withSignal(deps.db, signal), amount: `${n}` })),
  )
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('an undone payment is not made again for a caller who has left', async () => {
  const controller = new AbortController()
  const { db } = counting('40001', () => controller.abort(new Error('gone')))
  const payments = createPayments({ ...deps, db }, { atOnce: 1 })
  const before = await balanceOf(ada)
  const [first, leaving, staying] = [
    pay(payments),
    pay(payments, { db: withSignal(deps.db, controller.signal), amount: '100' }),
    pay(payments),
  ]
  await expect(leaving).rejects.toThrow('gone')
  await Promise.all([first, staying])
  expect(await balanceOf(ada)).toBe(before - 2)
})

test('a batch’s statement runs in the context of one of its callers', async () => {
  const request = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const db = deps.db.withPlugin({
    transformQuery({ node }) {
      seen.push(request.getStore())
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const payments = createPayments({ ...deps, db }, { atOnce: 1, most: 1 })
  await Promise.all(['first', 'second', 'third'].map((id) => request.run(id, () => pay(payments))))
  expect(seen).toEqual(['first', 'second', 'third'])
})

describe.skipIf(template.kind === 'embedded')('an account that another session locks', () => {
  async function holding(account: TestAccount, work: () => Promise<void>): Promise<void> {
    const holder = await deps.db.startTransaction().execute()
    await sql`select from users where id = ${account.userId} for update`.execute(holder)
    try {
      await work()
    } finally {
      await holder.rollback().execute()
    }
  }

  test('delays its own payments only, on one connection', async () => {
    const payments = createPayments(deps, { atOnce: 1, patienceMs: 20 })
    const before = await balanceOf(ada)
    const rich = await createAccount(deps, { tokens: '10' })
    const { userId: shop } = await createAccount(deps)
    const late: Promise<unknown>[] = []
    await holding(ada, async () => {
      late.push(pay(payments, { to: shop }), pay(payments, { to: shop }))
      await pay(payments, { from: rich })
      await vi.waitUntil(() => waitingForLocks(1))
      const controller = new AbortController()
      const leaving = pay(payments, { to: shop, amount: '100', db: withSignal(deps.db, controller.signal) })
      late.push(pay(payments, { to: shop }))
      await pay(payments, { from: rich })
      expect(await waitingForLocks(1)).toBe(true)
      controller.abort(new Error('gone'))
      await expect(leaving).rejects.toThrow('gone')
    })
    await Promise.all(late)
    expect(await balanceOf(ada)).toBe(before - 3)
    expect((await verifyLedger(deps.db)).problems).toEqual([])
  })

  test('does not pay for a caller who has gone: the statement is cancelled', async () => {
    const payments = createPayments(deps, { atOnce: 1 })
    const before = await balanceOf(ada)
    await holding(ada, async () => {
      const controller = new AbortController()
      const leaving = pay(payments, { db: withSignal(deps.db, controller.signal) })
      await vi.waitUntil(() => waitingForLocks(1))
      controller.abort(new Error('gone'))
      await expect(leaving).rejects.toThrow('gone')
      await vi.waitUntil(() => waitingForLocks(0))
    })
    expect(await balanceOf(ada)).toBe(before)
  })

  test('pays where one caller of several stays, and the caches also hear of the payments of those who left', async () => {
    const { db, counted } = counting()
    const payments = createPayments({ ...deps, db }, { atOnce: 1, patienceMs: 10_000 })
    const before = await balanceOf(ada)
    const invalidated = vi.spyOn(deps.cache, 'invalidateTags')
    const paid: Promise<unknown>[] = []
    await holding(ada, async () => {
      const alone = new AbortController()
      const first = pay(payments, { db: withSignal(deps.db, alone.signal) })
      const controller = new AbortController()
      const leaving = pay(payments, { db: withSignal(deps.db, controller.signal) })
      paid.push(pay(payments))
      await vi.waitUntil(() => waitingForLocks(1))
      alone.abort(new Error('gone'))
      await expect(first).rejects.toThrow('gone')
      // The other two are under way now, together.
      await vi.waitUntil(async () => counted.statements === 2 && (await waitingForLocks(1)))
      controller.abort(new Error('gone'))
      await expect(leaving).rejects.toThrow('gone')
      invalidated.mockClear()
    })
    await Promise.all(paid)
    expect(await balanceOf(ada)).toBe(before - 2)
    expect(invalidated).toHaveBeenCalledWith(expect.arrayContaining([`users$.id=${ada.userId}`]))
    invalidated.mockRestore()
  })
})

test.each(['40001', '40P01', '23503'])('a batch undone with %s is made again, one payment at a time', async (code) => {
  const { db, counted } = counting(code)
  const payments = createPayments({ ...deps, db }, { atOnce: 1 })
  const before = await balanceOf(ada)
  await Promise.all(Array.from({ length: 4 }, () => pay(payments)))
  expect(await balanceOf(ada)).toBe(before - 4)
  // The first; the other three together; each of them.
  expect(counted.statements).toBe(5)
})

test('a payment whose outcome is unknown is not made again', async () => {
  const { db, counted } = counting('57P01')
  const payments = createPayments({ ...deps, db }, { atOnce: 1 })
  const before = await balanceOf(ada)
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => pay(payments)))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
  expect(counted.statements).toBe(2)
  expect(await balanceOf(ada)).toBe(before - 1)
})
