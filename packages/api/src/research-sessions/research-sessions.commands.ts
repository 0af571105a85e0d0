import type { Database, ResearchBudget } from '@extropy/db'
import { sql, type Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { cancelJob } from '../jobs/jobs.commands.ts'
import { endSession } from './outputs.ts'
import { researchJob } from './research.job.ts'
import { getResearchSession, wholeSessionColumns } from './research-sessions.queries.ts'
import type { CreateSession } from './research-sessions.schema.ts'

const nothing: ResearchBudget = { requests: 0, seconds: 0, tokens: 0 }

/** A session and its job, both or neither. */
export async function beginSession(
  trx: Transaction<Database>,
  userId: string,
  session: z.output<typeof CreateSession>,
) {
  const { budget, ...rest } = session
  const { id } = await trx
    .insertInto('researchSessions')
    .values({ ...rest, budget: JSON.stringify(budget) as never, userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return runSession(trx, { id, userId })
}

/**
 * Runs a session that has ended once more: answers that are still the same stay as they are, with their receipts.
 *
 * @throws AppError not_found, conflict where it is in progress.
 */
export async function rerunSession(trx: Transaction<Database>, name: SessionName) {
  const { id, status, userId } = await lockSession(trx, name)
  if (status === 'in_progress') throw fieldError('conflict', 'id', 'the session is in progress: cancel it first')
  return runSession(trx, { id, userId })
}

/** Stops a session for good, and its job with it; one that has ended stays as it is. @throws AppError not_found */
export async function cancelSession(trx: Transaction<Database>, name: SessionName) {
  const { id, status, jobId } = await lockSession(trx, name)
  if (status !== 'in_progress') return getResearchSession(trx, name)
  if (jobId !== null) await cancelJob(trx, { id: jobId })
  return endSession(trx, id, 'failed', { problem: 'It was cancelled.' })
}

interface SessionName {
  readonly id: string
  /** Undefined: anyone's. */
  readonly userId?: string | undefined
}

async function lockSession(trx: Transaction<Database>, name: SessionName) {
  await trx.selectFrom('researchSessions').select('id').where('id', '=', name.id).forUpdate().execute()
  return getResearchSession(trx, name)
}

async function runSession(
  trx: Transaction<Database>,
  { id, userId }: { readonly id: string; readonly userId: string },
) {
  const { id: jobId } = await enqueue(trx, researchJob, { sessionId: id }, { userId })
  return trx
    .updateTable('researchSessions')
    .set({
      jobId,
      status: 'in_progress',
      finishedAt: null,
      spent: JSON.stringify(nothing) as never,
      outputs: sql`outputs - 'problem'` as never,
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', id)
    .returning(wholeSessionColumns)
    .executeTakeFirstOrThrow()
}
