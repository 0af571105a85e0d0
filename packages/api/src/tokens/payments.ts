import { callBehind, type Database, isUnavailable, sqlState, type Touched, withSignal } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Actor } from '../audit/audit.ts'
import { retryConflicts } from '../transaction.ts'
import { refusalOf, touchedBy } from './movements.ts'
import type { MoneyRequest } from './once.ts'

export interface Payment {
  /** The procedure, for the audit log. */
  readonly action: 'tokens.transfer' | 'tokens.award'
  /** Null mints. */
  readonly from: string | null
  readonly to: string
  /** A decimal string with 8 places. */
  readonly amount: string
  readonly details?: Record<string, unknown>
}

export interface PaymentAnswer {
  readonly id: string
  readonly fromUserId: string | null
  readonly toUserId: string
  readonly amount: string
  readonly type: 'earn' | 'transfer'
  /** The payer's; nobody is told another's balance. */
  readonly balanceAfter: string | null
  readonly createdAt: string
}

export interface Payments {
  /**
   * A transfer or an award with all that belongs to it: both balances, the chained row, the idempotency key's answer, the
   * audit line; all of it or nothing. `db` is the caller's. A caller who goes away before the payment has begun takes it
   * back; one who goes later may come again with the same key and hear how it ended.
   *
   * @throws AppError insufficient_balance, not_found, idempotency_key_reused
   */
  pay(db: Kysely<Database>, request: MoneyRequest, actor: Actor, payment: Payment): Promise<PaymentAnswer>
}

interface PaymentsOptions {
  /** Transactions at once; what comes meanwhile goes together into the next. Default 3: see decision 31. */
  readonly lanes?: number
  /** Payments that one transaction makes at most. Default 32: PostgreSQL keeps 64 savepoints of a transaction at hand. */
  readonly most?: number
}

/** A payment that waits, or is being made. */
interface Pending {
  readonly request: MoneyRequest
  readonly actor: Actor
  readonly payment: Payment
  readonly call: ReturnType<typeof callBehind>
  readonly settle: (outcome: () => PaymentAnswer) => void
}

/**
 * Payments, the ones that come at the same time in one transaction: an account that pays all day waits for one commit and
 * not for one each, and so does everyone. Alone, a payment waits for nobody.
 */
export function createPayments(db: Kysely<Database>, { lanes = 3, most = 32 }: PaymentsOptions = {}): Payments {
  const waiting = new Set<Pending>()
  let underWay = 0

  async function work(): Promise<void> {
    underWay++
    while (waiting.size > 0) {
      const batch = [...waiting.values().take(most)]
      for (const pending of batch) waiting.delete(pending)
      await makeTogether(db, batch)
    }
    underWay--
  }

  return {
    async pay(callerDb, request, actor, payment) {
      const call = callBehind(callerDb)
      call.signal?.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<PaymentAnswer>()
      const leave = () => {
        if (waiting.delete(pending)) reject(call.signal?.reason)
      }
      const settle = (outcome: () => PaymentAnswer) => {
        call.signal?.removeEventListener('abort', leave)
        try {
          resolve(outcome())
        } catch (error) {
          reject(error)
        }
      }
      const pending: Pending = { request, actor, payment, call, settle }
      call.signal?.addEventListener('abort', leave)
      waiting.add(pending)
      if (underWay < lanes) void work()
      return promise
    },
  }
}

/** Never rejects: each payment has its own end. */
async function makeTogether(db: Kysely<Database>, batch: readonly Pending[]): Promise<void> {
  const startedAt = performance.now()
  let failure: unknown
  const outcomes = await move(withSignal(db, whenAllHaveGone(batch)), batch).catch((error) => {
    failure = error
    return undefined
  })
  // Undone for certain, by what others did or for the sake of one of them: made again one by one.
  if (outcomes === undefined && batch.length > 1 && sqlState(failure) !== undefined && !isUnavailable(failure)) {
    for (const pending of batch) await makeTogether(db, [pending])
    return
  }
  const elapsedMs = performance.now() - startedAt
  for (const [at, { request, payment, call, settle }] of batch.entries()) {
    // Also where it failed: whether it took effect, nobody can tell then.
    call.recorder?.addTouched(touchedByPayment(request, payment))
    if (call.timing !== undefined) {
      call.timing.queryMs += elapsedMs
      call.timing.queries += 1
    }
    settle(() => {
      const outcome = outcomes?.[at]
      if (outcome === undefined) throw call.signal?.aborted === true ? call.signal.reason : failure
      if (outcome.answer === null) throw refusalOf(outcome.refusal) ?? new Error(`refused with ${outcome.refusal}`)
      return outcome.answer
    })
  }
}

type Outcome =
  | { readonly answer: PaymentAnswer; readonly refusal: null }
  | { readonly answer: null; readonly refusal: string }

async function move(db: Kysely<Database>, batch: readonly Pending[]): Promise<Outcome[]> {
  const column = <Value>(of: (pending: Pending) => Value) => batch.map(of)
  const statement = sql<Outcome>`
    select answer, refusal from extropy_move_together(
      ${column(({ request }) => request.userId)}::uuid[], ${column(({ request }) => request.key ?? null)}::text[],
      ${column(({ request }) => request.requestHash)}::bytea[], ${column(({ payment }) => payment.from)}::uuid[],
      ${column(({ payment }) => payment.to)}::uuid[], ${column(({ payment }) => payment.amount)}::numeric[],
      ${column(({ payment }) => typeOf(payment))}::text[], ${column(auditOf)}::jsonb[])`
  // Tried again, up to six times, only where nobody else waits for it.
  const { rows } = await (batch.length === 1 ? retryConflicts(() => statement.execute(db)) : statement.execute(db))
  return rows
}

function typeOf({ from }: Payment): 'earn' | 'transfer' {
  return from === null ? 'earn' : 'transfer'
}

function auditOf({ actor: { principal, address, requestId }, payment: { action, details } }: Pending): string {
  return JSON.stringify({ action, keyId: principal.keyId, address, requestId, details })
}

function touchedByPayment({ userId }: MoneyRequest, payment: Payment): Touched[] {
  const { from, to } = payment
  return [
    ...touchedBy({ from, to, ledger: { fromUserId: from, toUserId: to, transactionType: typeOf(payment) } }),
    { table: 'money_requests', kind: 'insert', keys: { userId } },
    { table: 'audit_log', kind: 'insert', keys: {} },
  ]
}

/** Aborts once nobody waits for any of them any more. */
function whenAllHaveGone(batch: readonly Pending[]): AbortSignal {
  const controller = new AbortController()
  for (const { call } of batch) {
    call.signal?.addEventListener(
      'abort',
      () => {
        if (batch.every((other) => other.call.signal?.aborted === true)) controller.abort(call.signal?.reason)
      },
      { once: true },
    )
  }
  return controller.signal
}
