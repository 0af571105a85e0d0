import type { Database } from '@extropy/db'
import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { Job, ListJobs } from './jobs.schema.ts'

const summaryColumns = [
  'id',
  'kind',
  'subject',
  'userId',
  'status',
  'cancelRequestedAt',
  'attempt',
  'maxAttempts',
  'progressDone',
  'progressTotal',
  'progressRate',
  'error',
  'createdAt',
  'runAfter',
  'startedAt',
  'deadlineAt',
  'finishedAt',
] as const

const wholeJobColumns = [...summaryColumns, 'log', 'result', 'revision'] as const

const byCreation = defineKeyset('jobs', 'createdAt', 'id')

/** Newest first; of everyone where `userId` is left out. */
export async function listJobs(db: Kysely<Database>, { status, kind, userId, ...page }: z.output<typeof ListJobs>) {
  const query = matching(db.selectFrom('jobs').select(summaryColumns), { status, kind, userId })
  const { items, nextCursor } = await keysetPage(query, byCreation, page)
  return { items: items.map(toSummary), nextCursor }
}

/** The same with their logs and results. */
export function listJobRows(db: Kysely<Database>, { status, kind, userId, ...page }: z.output<typeof ListJobs>) {
  return keysetPage(matching(db.selectFrom('jobs').select(wholeJobColumns), { status, kind, userId }), byCreation, page)
}

type Filters = Pick<z.output<typeof ListJobs>, 'status' | 'kind' | 'userId'>

function matching<Row>(query: SelectQueryBuilder<Database, 'jobs', Row>, { status, kind, userId }: Filters) {
  let matched = query
  if (status !== undefined) matched = matched.where('status', '=', status)
  if (kind !== undefined) matched = matched.where('kind', '=', kind)
  if (userId !== undefined) matched = matched.where('userId', '=', userId)
  return matched
}

export interface JobName {
  readonly id: string
  /** Undefined: anyone's. */
  readonly userId?: string | undefined
}

/** @throws AppError not_found, also for another user's job. */
export async function getJobRow(db: Kysely<Database>, { id, userId }: JobName) {
  let query = db.selectFrom('jobs').select(wholeJobColumns).where('id', '=', id)
  if (userId !== undefined) query = query.where('userId', '=', userId)
  const row = await query.executeTakeFirst()
  if (row !== undefined) return row
  throw new AppError('not_found', `There is no job with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such job' }],
  })
}

export type JobRow = Awaited<ReturnType<typeof getJobRow>>

export async function getJob(db: Kysely<Database>, name: JobName): Promise<z.output<typeof Job>> {
  return toJob(await getJobRow(db, name))
}

export function toJob({ log, result, revision: _, ...row }: JobRow): z.output<typeof Job> {
  return { ...toSummary(row), log: [...log], result }
}

type SummaryRow = Pick<JobRow, (typeof summaryColumns)[number]>

function toSummary({ cancelRequestedAt, progressDone, progressTotal, progressRate, ...row }: SummaryRow) {
  const left = progressTotal === null || progressDone === null ? null : progressTotal - progressDone
  const isRunning = row.status === 'running'
  const progress =
    progressDone === null
      ? null
      : {
          done: progressDone,
          total: progressTotal,
          perSecond: progressRate,
          secondsLeft: isRunning && left !== null && progressRate ? Math.max(0, left / progressRate) : null,
        }
  return { ...row, isCancelling: isRunning && cancelRequestedAt !== null, progress }
}

export const isEnded = ({ status }: Pick<JobRow, 'status'>) => status !== 'queued' && status !== 'running'
