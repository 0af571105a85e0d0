import { AsyncLocalStorage } from 'node:async_hooks'
import type { Cache } from '@extropy/cache'
import {
  createRecorder,
  type Database,
  isUnavailable,
  scopeBehind,
  sqlState,
  sqlStates,
  type Touched,
  withSignal,
} from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Actor } from '../audit/audit.ts'
import { createBatchQueue } from '../batch-queue.ts'
import { isUndoneByOthers, retryConflicts } from '../transaction.ts'
import { untilAborted } from '../until-aborted.ts'
import type { MoneyRequest } from './idempotency.ts'
import { movementRefusal, touchedBy } from './movements.ts'

interface Payment {
  /** The procedure, for the audit log. */
  readonly action: 'tokens.transfer' | 'tokens.award'
  /** Null mints. */
  readonly from: string | null
  readonly to: string
  /** A decimal string with 8 places. */
  readonly amount: string
  readonly details?: Record<string, unknown>
}

interface PaymentAnswer {
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
   * audit line; all of it or nothing. `db` is the caller's, not in a transaction. A caller who leaves before the payment has
   * begun cancels it; one who leaves later may retry with the same key and gets the outcome.
   *
   * @throws AppError insufficient_balance, not_found, idempotency_key_reused
   */
  pay(db: Kysely<Database>, request: MoneyRequest, actor: Actor, payment: Payment): Promise<PaymentAnswer>
}

interface PaymentsOptions {
  /** Transactions at once; payments that come meanwhile share the next one. Default 2: see decision 31. */
  readonly atOnce?: number
  /** Most payments in one transaction, whose accounts are locked until its end. Default 32. */
  readonly most?: number
  /** Milliseconds that payments together wait for an account or a key that another transaction holds. Default 250. */
  readonly patienceMs?: number
}

/** A payment with its caller. */
interface Order {
  readonly request: MoneyRequest
  readonly actor: Actor
  readonly payment: Payment
  readonly call: ReturnType<typeof scopeBehind>
  /** Runs in the caller's asynchronous context: statements belong to its trace. */
  readonly inContext: <Result>(work: () => Result) => Result
  /** Set before the payment may take effect, whether or not the caller still waits. */
  hasBegun: boolean
}

type Outcome =
  | { readonly answer: PaymentAnswer; readonly refusal: null }
  | { readonly answer: null; readonly refusal: string }
/** After an error it is unknown whether the payments took effect, unless the error tells. */
type Ended = { readonly outcomes: readonly Outcome[] } | { readonly error: unknown }

/**
 * Makes payments, concurrent ones together in one transaction, so that payments of a busy account share a commit. Where a
 * slow transaction holds an account, its payments are made alone, and others do not wait for them.
 */
export function createPayments(
  { db, cache }: { readonly db: Kysely<Database>; readonly cache: Cache },
  { atOnce = 2, most = 32, patienceMs = 250 }: PaymentsOptions = {},
): Payments {
  const together = createBatchQueue<Order, PaymentAnswer>({ run: makeTogether, atOnce, most })
  /** The end of the last payment that is made alone, by each of its accounts. */
  const alone = new Map<string, Promise<void>>()

  async function makeTogether(orders: readonly Order[], signal: AbortSignal): Promise<Promise<PaymentAnswer>[]> {
    const startedAt = performance.now()
    const ended = await endOf(moveTogether(withSignal(db, signal), orders, patienceMs))
    // The batch was certainly undone, because of others or of one of its payments.
    if ('error' in ended && isUndone(ended.error) && (orders.length > 1 || isHeldUp(ended.error))) {
      return orders.map(makeAlone)
    }
    return orders.map(async (order, at) => answerOf(order, ended, at, startedAt))
  }

  /** Waits for earlier lone payments from or to its accounts, so that a held account takes up one connection only. */
  async function makeAlone(order: Order): Promise<PaymentAnswer> {
    const { signal } = order.call
    const accounts = accountsOf(order)
    const earlier = accounts.map((account) => alone.get(account))
    const { promise: end, resolve: noteEnd } = Promise.withResolvers<void>()
    for (const account of accounts) alone.set(account, end)
    try {
      await Promise.all(earlier)
      signal?.throwIfAborted()
      const startedAt = performance.now()
      const own = signal === undefined ? db : withSignal(db, signal)
      return answerOf(order, await endOf(retryConflicts(() => moveTogether(own, [order], null))), 0, startedAt)
    } finally {
      for (const account of accounts) if (alone.get(account) === end) alone.delete(account)
      noteEnd()
    }
  }

  function answerOf(order: Order, ended: Ended, at: number, startedAt: number): PaymentAnswer {
    noteTime(order, performance.now() - startedAt)
    const outcome = 'outcomes' in ended ? ended.outcomes[at] : undefined
    if (outcome?.refusal) throw movementRefusal(outcome.refusal) ?? new Error(`refused with ${outcome.refusal}`)
    noteTouched(order)
    if (outcome?.answer) return outcome.answer
    const error = 'error' in ended ? ended.error : new Error('no outcome')
    throw movementRefusal(sqlState(error), error) ?? error
  }

  /** Records the changes for the caller, whose procedure then purges them; for a caller who has left, purges at once. */
  function noteTouched({ call, request, payment }: Order): void {
    const touched = touchedByPayment(request, payment)
    call.recorder?.addTouched(touched)
    if (!call.signal?.aborted) return
    const recorder = createRecorder()
    recorder.addTouched(touched)
    void cache.invalidateTags([...recorder.writes]).catch(() => undefined)
  }

  return {
    async pay(callerDb, request, actor, payment) {
      const call = scopeBehind(callerDb)
      const inContext = AsyncLocalStorage.snapshot()
      const order: Order = { request, actor, payment, call, inContext, hasBegun: false }
      try {
        const isHeld = accountsOf(order).some((account) => alone.has(account))
        return await (isHeld ? untilAborted(makeAlone(order), call.signal) : together.add(order, call.signal))
      } catch (error) {
        // It may yet take effect: noted now, and again when it has ended.
        if (order.hasBegun && call.signal?.aborted) call.recorder?.addTouched(touchedByPayment(request, payment))
        throw error
      }
    },
  }
}

function endOf(work: Promise<readonly Outcome[]>): Promise<Ended> {
  return work.then(
    (outcomes) => ({ outcomes }),
    (error: unknown) => ({ error }),
  )
}

function isHeldUp(error: unknown): boolean {
  return sqlState(error) === sqlStates.lockNotAvailable || isUndoneByOthers(error)
}

/** Whether the error means that no payment took effect and all may be retried. */
function isUndone(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && state !== sqlStates.queryCanceled && !isUnavailable(error)
}

function noteTime({ call: { timing } }: Order, elapsedMs: number): void {
  if (timing === undefined) return
  timing.queryMs += elapsedMs
  timing.queries += 1
}

function accountsOf({ payment: { from, to } }: Order): string[] {
  return from === null ? [to] : [from, to]
}

/** Makes the payments in the first one's asynchronous context. */
async function moveTogether(
  db: Kysely<Database>,
  orders: readonly Order[],
  patienceMs: number | null,
): Promise<readonly Outcome[]> {
  for (const order of orders) order.hasBegun = true
  const column = <Value>(of: (order: Order) => Value) => orders.map(of)
  const statement = sql<Outcome>`
    select answer, refusal from extropy_move_together(
      ${column(({ request }) => request.userId)}::uuid[], ${column(({ request }) => request.key ?? null)}::text[],
      ${column(({ request }) => request.requestHash)}::bytea[], ${column(({ payment }) => payment.from)}::uuid[],
      ${column(({ payment }) => payment.to)}::uuid[], ${column(({ payment }) => payment.amount)}::numeric[],
      ${column(({ payment }) => typeOf(payment))}::text[], ${column(auditOf)}::jsonb[], ${patienceMs}::int)`
  const { rows } = await (orders[0] as Order).inContext(() => statement.execute(db))
  return rows
}

function typeOf({ from }: Payment): 'earn' | 'transfer' {
  return from === null ? 'earn' : 'transfer'
}

function auditOf({ actor: { principal, address, requestId }, payment: { action, details } }: Order): string {
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
