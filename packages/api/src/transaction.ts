import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import { type Database, sqlState, sqlStates } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'

/** The states in which PostgreSQL undid work only because of others at the same time: a second try may well succeed. */
const undoneByOthers: ReadonlySet<string> = new Set([sqlStates.serializationFailure, sqlStates.deadlockDetected])
const maxAttempts = 6

/** Runs `work` in a transaction, and retries it after conflicts: see `retryConflicts`. `work` must have no other effects. */
export function inTransaction<Answer>(
  db: Kysely<Database>,
  work: (trx: Transaction<Database>) => Promise<Answer>,
): Promise<Answer> {
  return retryConflicts(() => db.transaction().execute((trx) => open.run(true, () => work(trx))))
}

const open = new AsyncLocalStorage<true>()

/** Whether the caller runs inside of `inTransaction`. A statement outside of it would wait for it, where there is one connection. */
export function isInsideTransaction(): boolean {
  return open.getStore() === true
}

/** Makes up to 6 attempts, with pauses that grow to some 100 ms; then throws the error. */
export async function retryConflicts<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (attempts === maxAttempts || !isUndoneByOthers(error)) throw error
      await setTimeout(Math.random() * 4 * 2 ** attempts)
    }
  }
}

export function isUndoneByOthers(error: unknown): boolean {
  const state = sqlState(error) ?? ''
  // The same Idempotency-Key at once, in transactions that could not see each other: the next attempt sees the answer.
  const { constraint } = (error ?? {}) as { constraint?: string }
  const isSameRequest = state === sqlStates.uniqueViolation && constraint === 'money_requests_pkey'
  return undoneByOthers.has(state) || isSameRequest
}
