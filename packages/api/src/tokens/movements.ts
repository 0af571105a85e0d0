import { accountColumns, type Database, sqlState, type Touched, withTouched } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Actor } from '../audit/audit.ts'
import { AppError, fieldError } from '../errors.ts'
import { retryConflicts } from '../transaction.ts'
import { keyReused, type MoneyRequest } from './once.ts'

/** One movement inside a transaction that has more to do. */
interface Movement {
  /** Null mints. */
  readonly from: string | null
  readonly to: string
  /** A decimal string with at most 8 places. */
  readonly amount: string
  readonly type: 'earn' | 'attribution'
  readonly cardId: string
  readonly attributionId: string | null
  /** Unique over the whole ledger: the same reason never pays twice. */
  readonly key: string
}

/** @throws AppError insufficient_balance */
export async function move(trx: Transaction<Database>, movement: Movement): Promise<void> {
  const { from, to, amount, type, cardId, attributionId, key } = movement
  const ledger = { fromUserId: from, toUserId: to, transactionType: type, cardId, attributionId }
  await sql`
    select from extropy_move(${from}::uuid, ${to}::uuid, ${amount}::numeric, ${type}, ${cardId}::uuid,
      ${attributionId}::uuid, ${key})`
    .execute(withTouched(trx, touchedBy({ from, to, ledger })))
    .catch(translate)
}

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

/**
 * A transfer or an award with all that belongs to it (both balances, the chained row, the idempotency key's answer, the
 * audit line) as one statement: an account is locked for no round trip.
 *
 * @throws AppError insufficient_balance, not_found, idempotency_key_reused
 */
export async function pay(
  db: Kysely<Database>,
  { userId, key, requestHash }: MoneyRequest,
  { principal, address, requestId }: Actor,
  { action, from, to, amount, details }: Payment,
): Promise<PaymentAnswer> {
  const audit = JSON.stringify({ action, keyId: principal.keyId, address, requestId, details })
  const type = from === null ? 'earn' : 'transfer'
  const touched: Touched[] = [
    ...touchedBy({ from, to, ledger: { fromUserId: from, toUserId: to, transactionType: type } }),
    { table: 'money_requests', kind: 'insert', keys: { userId } },
    { table: 'audit_log', kind: 'insert', keys: {} },
  ]
  const { rows } = await retryConflicts(() =>
    sql<{ answer: PaymentAnswer }>`
      select extropy_move_once(${userId}::uuid, ${key ?? null}::text, ${requestHash}::bytea, ${from}::uuid, ${to}::uuid,
        ${amount}::numeric, ${type}, ${audit}::jsonb) as answer`.execute(withTouched(db, touched)),
  ).catch(translate)
  return (rows[0] as { answer: PaymentAnswer }).answer
}

/** What a movement changes: two accounts in what churns of them, and a new row of the ledger. */
function touchedBy({ from, to, ledger }: { from: string | null; to: string; ledger: Touched['keys'] }): Touched[] {
  const accounts = [from, to].flatMap((id) => (id === null ? [] : [id]))
  return [
    ...accounts.map((id): Touched => ({ table: 'users', kind: 'update', changed: accountColumns, keys: { id } })),
    { table: 'extropy_ledger', kind: 'insert', keys: ledger },
  ]
}

/** The errors that the database functions raise, in the caller's words. */
function translate(error: unknown): never {
  const state = sqlState(error)
  if (state === 'EX001') {
    throw new AppError('insufficient_balance', 'The balance does not cover this: nothing was moved.', { cause: error })
  }
  if (state === 'EX002') throw fieldError('not_found', 'toUserId', 'names no user')
  if (state === 'EX003') throw keyReused()
  // numeric_value_out_of_range
  if (state === '22003') throw fieldError('invalid_input', 'amount', 'is more than the receiving account can hold')
  throw error
}
