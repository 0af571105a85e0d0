import { type Database, rawWrite } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { isInsideTransaction } from '../transaction.ts'
import type { Job } from './define-job.ts'

/** Workers listen here: empty for new work, an id for a job that is to be cancelled. */
export const jobsChannel = 'extropy_jobs'

export interface EnqueueOptions {
  /** Required for a job that its user sees. */
  readonly userId?: string | undefined
  /** Default: now. */
  readonly runAfter?: Date | undefined
  /** Instead of the kind's own. */
  readonly singletonKey?: string | undefined
}

export interface Enqueued {
  readonly id: string
  /** False: a job with the same singleton key was there already, and `id` is its. */
  readonly isNew: boolean
}

/**
 * Puts a job into the queue. Within a transaction, hand over that: the job is there when it commits, and never where it does not.
 *
 * @throws ZodError where the input is not the kind's.
 */
export async function enqueue<Schema extends z.ZodType>(
  db: Kysely<Database>,
  job: Job<Schema>,
  input: z.input<Schema>,
  options: EnqueueOptions = {},
): Promise<Enqueued> {
  const row = rowOf(job, input, options)
  for (;;) {
    const [id] = await insertJobs(db, [row])
    if (id !== undefined) return { id, isNew: true }
    const found = await db
      .selectFrom('jobs')
      .select('id')
      .where('kind', '=', job.kind)
      .where('singletonKey', '=', row.singletonKey)
      .where('status', 'in', ['queued', 'running'])
      .executeTakeFirst()
    // Otherwise it has ended just now, and there is room.
    if (found !== undefined) return { id: found.id, isNew: false }
  }
}

/** Many of one kind at once; returns the number of new ones. Jobs whose singleton key is taken are left out. */
export async function enqueueAll<Schema extends z.ZodType>(
  db: Kysely<Database>,
  job: Job<Schema>,
  inputs: readonly z.input<Schema>[],
  options: Omit<EnqueueOptions, 'singletonKey'> = {},
): Promise<number> {
  let made = 0
  for (let at = 0; at < inputs.length; at += batchSize) {
    const rows = inputs.slice(at, at + batchSize).map((input) => rowOf(job, input, options))
    made += (await insertJobs(db, rows)).length
  }
  return made
}

const batchSize = 500

type NewJob = ReturnType<typeof rowOf>

function rowOf<Schema extends z.ZodType>(job: Job<Schema>, given: z.input<Schema>, options: EnqueueOptions) {
  const { kind, concurrency: { ofKind, ofUser, lanes } = {}, seenBy } = job
  const { userId, runAfter, singletonKey } = options
  if ((seenBy === 'user') !== (userId !== undefined)) {
    throw new TypeError(`The job ${kind} is seen by ${seenBy}: it ${seenBy === 'user' ? 'needs a' : 'takes no'} userId`)
  }
  const input = job.input.parse(given)
  return {
    kind,
    subject: job.subject?.(input).slice(0, 200) ?? null,
    // As given: it is parsed once more when it runs.
    input: given ?? {},
    userId: userId ?? null,
    lanes: [
      ...(ofKind === undefined ? [] : [`${ofKind} kind:${kind}`]),
      ...(ofUser === undefined || userId === undefined ? [] : [`${ofUser} user:${userId}:${kind}`]),
      ...Object.entries(lanes?.(input) ?? {}).map(([lane, limit]) => `${limit} ${lane}`),
    ],
    singletonKey: singletonKey ?? job.singletonKey?.(input) ?? null,
    runAfter: runAfter?.toISOString() ?? null,
    maxAttempts: job.retry.runs,
  }
}

/** One statement, which tells the workers too. Returns the ids of those that were new. */
async function insertJobs(db: Kysely<Database>, rows: readonly NewJob[]): Promise<string[]> {
  if (!db.isTransaction && isInsideTransaction()) {
    throw new TypeError('Enqueue with the transaction that is open here: on one connection this would wait for itself')
  }
  const made = await rawWrite(
    ['jobs'],
    sql<{ id: string }>`
    with made as (
      insert into jobs (kind, subject, input, user_id, lanes, singleton_key, run_after, max_attempts)
      select kind, subject, input, "userId"::uuid, lanes, "singletonKey", coalesce("runAfter"::timestamptz, now()), "maxAttempts"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (kind text, subject text, input jsonb, "userId" text,
        lanes text[], "singletonKey" text, "runAfter" text, "maxAttempts" integer)
      on conflict (kind, singleton_key) where singleton_key is not null and status in ('queued', 'running') do nothing
      returning id
    )
    select id, pg_notify(${jobsChannel}, '') from made`,
  ).execute(db)
  return made.rows.map(({ id }) => id)
}
