import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { getJobRow, type JobName, listJobRows, toJob } from '../jobs/jobs.queries.ts'
import { importJob } from './import.job.ts'
import type { Import, ImportReport, ListImports } from './imports.schema.ts'

/** Newest first. */
export async function listImports(db: Kysely<Database>, input: z.output<typeof ListImports>) {
  const { items, nextCursor } = await listJobRows(db, { ...input, kind: importJob.kind })
  return { items: items.map(toImport), nextCursor }
}

/** @throws AppError not_found, also for another user's. */
export async function getImport(db: Kysely<Database>, name: JobName): Promise<z.output<typeof Import>> {
  const row = await getJobRow(db, name)
  if (row.kind !== importJob.kind) throw fieldError('not_found', 'id', 'no such import')
  return toImport(row)
}

function toImport(row: Parameters<typeof toJob>[0]): z.output<typeof Import> {
  const { id, subject, userId, status, isCancelling, progress, error, createdAt, startedAt, finishedAt, result } =
    toJob(row)
  return {
    id,
    name: subject ?? '',
    userId,
    status,
    isCancelling,
    progress,
    error,
    report: result as ImportReport | null,
    createdAt,
    startedAt,
    finishedAt,
  }
}
