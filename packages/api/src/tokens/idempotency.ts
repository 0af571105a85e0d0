import { hash } from 'node:crypto'
import { type Database, rawRead, scopeBehind } from '@extropy/db'
import { sql, type Transaction } from 'kysely'
import { type AppError, fieldError } from '../errors.ts'

/** A request that moves money, as its Idempotency-Key sees it. */
export interface MoneyRequest {
  readonly userId: string
  /** Undefined: every request is a new one. */
  readonly key: string | undefined
  /** The hash of procedure and input: the same key with another hash is a mistake. */
  readonly requestHash: Buffer
}

/** @throws AppError invalid_input where the header is not a key. */
export function toMoneyRequest(
  { principal, idempotencyKey }: { principal: { userId: string }; idempotencyKey: string | undefined },
  procedure: string,
  input: unknown,
): MoneyRequest {
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,200}$/.test(idempotencyKey)) {
    throw fieldError('invalid_input', 'Idempotency-Key', 'must be 1 to 200 visible ASCII characters, without spaces')
  }
  const requestHash = hash('sha256', JSON.stringify([procedure, input]), 'buffer')
  return { userId: principal.userId, key: idempotencyKey, requestHash }
}

/**
 * Does `work` once per key: a repeated request gets the first one's answer, word for word, and has no effect. The
 * answer is stored in the transaction of the work, so both are there or neither is. Of two at once the second
 * waits for the first. A repeated request purges the same answers as the first one: the first server may have
 * been lost before it purged them.
 *
 * @throws AppError idempotency_key_reused where the key was used for another request.
 */
export async function once<Answer>(
  trx: Transaction<Database>,
  { userId, key, requestHash }: MoneyRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (key === undefined) return work()
  const { recorder } = scopeBehind(trx)
  // The same lock as extropy_move_once takes.
  await rawRead(
    [],
    sql`select pg_advisory_xact_lock(hashtextextended(${key}, hashtextextended(${userId}, 0)))`,
  ).execute(trx)
  const earlier = await trx
    .selectFrom('moneyRequests')
    .select(['requestHash', 'answer', 'touched'])
    .where('userId', '=', userId)
    .where('idempotencyKey', '=', key)
    .executeTakeFirst()
  if (earlier !== undefined) {
    if (!requestHash.equals(earlier.requestHash)) throw keyReused()
    recorder?.addWrites(earlier.touched)
    return earlier.answer as Answer
  }
  const answer = await work()
  await trx
    .insertInto('moneyRequests')
    .values({
      userId,
      idempotencyKey: key,
      requestHash,
      answer: JSON.stringify(answer),
      touched: [...(recorder?.writes ?? [])],
    })
    .execute()
  return answer
}

export function keyReused(): AppError {
  return fieldError(
    'idempotency_key_reused',
    'Idempotency-Key',
    'was used for another request: take a new key, or send the same request again',
  )
}
