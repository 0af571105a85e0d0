import { accountColumns, type Database, sqlState, sqlStates, type Touched, withTouched } from '@extropy/db'
import { sql, type Transaction } from 'kysely'
import { AppError, fieldError } from '../errors.ts'
import { keyReused } from './idempotency.ts'

/** A movement as part of a larger transaction. */
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

/** The rows that a movement changes: the balance columns of both accounts, and a new row of the ledger. */
export function touchedBy({
  from,
  to,
  ledger,
}: {
  from: string | null
  to: string
  ledger: Touched['keys']
}): Touched[] {
  const accounts = [from, to].flatMap((id) => (id === null ? [] : [id]))
  return [
    ...accounts.map((id): Touched => ({ table: 'users', kind: 'update', changed: accountColumns, keys: { id } })),
    { table: 'extropy_ledger', kind: 'insert', keys: ledger },
  ]
}

/** The errors that the database functions raise, in the caller's words. */
function translate(error: unknown): never {
  throw movementRefusal(sqlState(error), error) ?? error
}

/** Undefined where the state is not one of a movement that was refused. */
export function movementRefusal(state: string | undefined, cause?: unknown): AppError | undefined {
  if (state === sqlStates.insufficientBalance) {
    return new AppError('insufficient_balance', 'The balance does not cover this: nothing was moved.', { cause })
  }
  if (state === sqlStates.noSuchAccount) return fieldError('not_found', 'toUserId', 'no such user')
  if (state === sqlStates.idempotencyKeyReused) return keyReused()
  if (state === sqlStates.numericValueOutOfRange)
    return fieldError('invalid_input', 'amount', 'is more than the receiving account can hold')
  return undefined
}
