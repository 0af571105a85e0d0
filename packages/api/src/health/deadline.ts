import { type Database, withSignal } from '@extropy/db'
import type { Kysely } from 'kysely'
import { AppError } from '../errors.ts'

/** A probe is asked every few seconds, and must say "no" while its caller still listens. */
const probeDeadlineMs = 2000

/**
 * Resolves with the result of `work`; rejects after the deadline, also where the database hangs and no cancel request helps.
 * At the deadline, waits for a connection end and running statements are cancelled.
 *
 * @throws AppError database_timeout
 */
export async function withinDeadline<Value>(
  db: Kysely<Database>,
  work: (db: Kysely<Database>) => Promise<Value>,
  deadlineMs = probeDeadlineMs,
): Promise<Value> {
  const signal = AbortSignal.timeout(deadlineMs)
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const answer = work(withSignal(db, signal))
  // A rejection after the deadline is ignored.
  answer.catch(() => {})
  try {
    return await Promise.race([answer, tooLate])
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new AppError('database_timeout', `The database did not answer within ${deadlineMs} ms.`, { cause })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
