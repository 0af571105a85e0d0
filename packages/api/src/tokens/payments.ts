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
import { isUndoneByOthers, retryConflicts } from '../transaction.ts'
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
   * audit line; all of it or nothing. `db` is the caller's, not in a transaction. A caller who goes away before the payment has
   * begun takes it back; one who goes later may come again with the same key and hear how it ended.
   *
   * @throws AppError insufficient_balance, not_found, idempotency_key_reused
   */
  pay(db: Kysely<Database>, request: MoneyRequest, actor: Actor, payment: Payment): Promise<PaymentAnswer>
}

interface PaymentsOptions {
  /** Transactions at once; what comes meanwhile goes together into the next. Default 2: see decision 31. */
  readonly lanes?: number
  /** Payments that one transaction makes at most: so long are their accounts locked. Default 32. */
  readonly most?: number
  /** Milliseconds that payments together wait for an account or a key that another transaction holds. Default 250. */
  readonly patienceMs?: number
}

/** A payment that waits, or is being made. */
interface Pending {
  readonly request: MoneyRequest
  readonly actor: Actor
  readonly payment: Payment
  readonly call: ReturnType<typeof scopeBehind>
  /** Runs in the caller's asynchronous context: statements belong to its trace. */
  readonly inContext: <Result>(work: () => Result) => Result
  readonly resolve: (answer: PaymentAnswer) => void
  readonly reject: (reason: unknown) => void
  /** Nobody waits for the answer any more. */
  hasLeft: boolean
  /** Told when the caller leaves a payment that has begun. */
  onLeave?: () => void
}

/**
 * Payments, the ones that come at the same time in one transaction: an account that pays all day waits for one commit and
 * not for one each, and so does everyone. With nobody else there, a payment waits for nothing. Where an account is held by
 * something slow, its payments go on alone, and the others do not wait for it.
 */
export function createPayments(
  { db, cache }: { readonly db: Kysely<Database>; readonly cache: Cache },
  { lanes = 2, most = 32, patienceMs = 250 }: PaymentsOptions = {},
): Payments {
  const waiting = new Set<Pending>()
  /** Accounts of payments that are being made alone, and how many of those: what touches one goes alone as well. */
  const slow = new Map<string, number>()
  let underWay = 0

  async function work(): Promise<void> {
    underWay++
    while (waiting.size > 0) {
      const batch = [...waiting.values().take(most)]
      for (const pending of batch) waiting.delete(pending)
      await makeTogether(batch)
    }
    underWay--
  }

  /** Never rejects: each payment has its own end. */
  async function makeTogether(batch: readonly Pending[]): Promise<void> {
    const startedAt = performance.now()
    const outcomes = await attempt(db, batch, patienceMs).catch((error: unknown) => error)
    // Undone for certain, by what others did or for the sake of one of them. The lane goes on meanwhile.
    if (isUndone(outcomes) && (batch.length > 1 || isHeldUp(outcomes))) {
      for (const pending of batch) void makeAlone(pending)
    } else finish(batch, outcomes, startedAt)
  }

  async function makeAlone(pending: Pending): Promise<void> {
    if (pending.hasLeft) return
    const accounts = accountsOf(pending)
    for (const account of accounts) slow.set(account, (slow.get(account) ?? 0) + 1)
    const startedAt = performance.now()
    const outcome = await retryConflicts(() => attempt(db, [pending], null)).catch((error: unknown) => error)
    for (const account of accounts) {
      const others = (slow.get(account) ?? 1) - 1
      if (others === 0) slow.delete(account)
      else slow.set(account, others)
    }
    finish([pending], outcome, startedAt)
  }

  /** `outcomes` that are no list are an error, after which nobody can tell whether the payments took effect. */
  function finish(batch: readonly Pending[], outcomes: unknown, startedAt: number): void {
    const elapsedMs = performance.now() - startedAt
    for (const [at, pending] of batch.entries()) {
      const outcome = Array.isArray(outcomes) ? (outcomes[at] as Outcome) : undefined
      noteTime(pending.call, elapsedMs)
      if (outcome?.refusal) {
        pending.reject(movementRefusal(outcome.refusal) ?? new Error(`refused with ${outcome.refusal}`))
        continue
      }
      noteTouched(pending)
      if (outcome?.answer) pending.resolve(outcome.answer)
      else pending.reject(movementRefusal(sqlState(outcomes), outcomes) ?? outcomes)
    }
  }

  /** By the caller, whose procedure then tells the caches; for one who has left, at once. */
  function noteTouched({ hasLeft, call, request, payment }: Pending): void {
    const touched = touchedByPayment(request, payment)
    call.recorder?.addTouched(touched)
    if (!hasLeft) return
    const recorder = createRecorder()
    recorder.addTouched(touched)
    void cache.invalidateTags([...recorder.writes]).catch(() => undefined)
  }

  return {
    async pay(callerDb, request, actor, payment) {
      const call = scopeBehind(callerDb)
      call.signal?.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<PaymentAnswer>()
      const inContext = AsyncLocalStorage.snapshot()
      const pending: Pending = { request, actor, payment, call, inContext, resolve, reject, hasLeft: false }
      const leave = () => {
        pending.hasLeft = true
        // Where it has begun it may yet take effect: noted now, and again when it has ended.
        if (!waiting.delete(pending)) call.recorder?.addTouched(touchedByPayment(request, payment))
        reject(call.signal?.reason)
        pending.onLeave?.()
      }
      call.signal?.addEventListener('abort', leave)
      if (accountsOf(pending).some((account) => slow.has(account))) void makeAlone(pending)
      else {
        waiting.add(pending)
        if (underWay < lanes) void work()
      }
      return promise.finally(() => call.signal?.removeEventListener('abort', leave))
    },
  }
}

function isHeldUp(error: unknown): boolean {
  return sqlState(error) === sqlStates.lockNotAvailable || isUndoneByOthers(error)
}

/** Nothing of it took effect, and it may do so yet. */
function isUndone(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && state !== sqlStates.queryCanceled && !isUnavailable(error)
}

function noteTime({ timing }: Pending['call'], elapsedMs: number): void {
  if (timing === undefined) return
  timing.queryMs += elapsedMs
  timing.queries += 1
}

function accountsOf({ payment: { from, to } }: Pending): string[] {
  return from === null ? [to] : [from, to]
}

/** Cancelled once nobody waits for any of them any more. */
function attempt(db: Kysely<Database>, batch: readonly Pending[], patienceMs: number | null): Promise<Outcome[]> {
  const controller = new AbortController()
  const cancelIfAlone = () => {
    if (batch.every(({ hasLeft }) => hasLeft)) controller.abort(new DOMException('The callers have gone', 'AbortError'))
  }
  for (const pending of batch) pending.onLeave = cancelIfAlone
  return (batch[0] as Pending).inContext(() => move(withSignal(db, controller.signal), batch, patienceMs))
}

type Outcome =
  | { readonly answer: PaymentAnswer; readonly refusal: null }
  | { readonly answer: null; readonly refusal: string }

async function move(db: Kysely<Database>, batch: readonly Pending[], patienceMs: number | null): Promise<Outcome[]> {
  const column = <Value>(of: (pending: Pending) => Value) => batch.map(of)
  const { rows } = await sql<Outcome>`
    select answer, refusal from extropy_move_together(
      ${column(({ request }) => request.userId)}::uuid[], ${column(({ request }) => request.key ?? null)}::text[],
      ${column(({ request }) => request.requestHash)}::bytea[], ${column(({ payment }) => payment.from)}::uuid[],
      ${column(({ payment }) => payment.to)}::uuid[], ${column(({ payment }) => payment.amount)}::numeric[],
      ${column(({ payment }) => typeOf(payment))}::text[], ${column(auditOf)}::jsonb[], ${patienceMs}::int)`.execute(db)
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
