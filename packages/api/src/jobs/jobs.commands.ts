import { type Database, rawWrite, sqlState, sqlStates } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { jobsChannel } from './enqueue.ts'
import { getJobRow, isEnded, type JobName, toJob } from './jobs.queries.ts'
import type { Job } from './jobs.schema.ts'

/**
 * Cancels a job: at once where it waits; where it runs its worker is told, and the run can commit nothing more. One that has
 * ended stays as it is. @throws AppError not_found
 */
export async function cancelJob(db: Kysely<Database>, name: JobName): Promise<z.output<typeof Job>> {
  const { id, userId = null } = name
  await rawWrite(
    ['jobs'],
    sql`
    with cancelled as (
      update jobs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
        status = case when status = 'queued' then 'cancelled' else status end,
        finished_at = case when status = 'queued' then clock_timestamp() end, revision = revision + 1
      where id = ${id} and (${userId}::uuid is null or user_id = ${userId}) and status in ('queued', 'running')
      returning id, status
    )
    select pg_notify(${jobsChannel}, id::text) from cancelled where status = 'running'`,
  ).execute(db)
  return toJob(await getJobRow(db, name))
}

/**
 * Puts a job that failed, died or was cancelled into the queue again, with all its runs before it; finished checkpoints stay.
 *
 * @throws AppError not_found; conflict where it is not over, has succeeded, or another one took its place.
 */
export async function retryJob(db: Kysely<Database>, name: JobName): Promise<z.output<typeof Job>> {
  const { status, ...row } = await getJobRow(db, name)
  if (!isEnded({ status })) throw fieldError('conflict', 'id', `the job is ${status}: it need not be retried`)
  if (status === 'succeeded') throw fieldError('conflict', 'id', 'the job has succeeded: begin a new one')
  const { rows } = await rawWrite(
    ['jobs'],
    sql`
    with retried as (
      update jobs set status = 'queued', attempt = 0, run_after = clock_timestamp(), finished_at = null,
        cancel_requested_at = null, revision = revision + 1
      where id = ${row.id} and status = ${status}
      returning id
    )
    select id, pg_notify(${jobsChannel}, '') from retried`,
  )
    .execute(db)
    .catch((error) => {
      if (sqlState(error) !== sqlStates.uniqueViolation) throw error
      throw fieldError('conflict', 'id', 'a newer job for the same thing is queued or running')
    })
  if (rows.length === 0) throw fieldError('conflict', 'id', 'the job has just changed: look at it again')
  return toJob(await getJobRow(db, name))
}
