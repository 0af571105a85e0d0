import { setTimeout } from 'node:timers/promises'
import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { getJobRow, isEnded, type JobName, type JobRow, toJob } from './jobs.queries.ts'
import type { Job, JobEvent } from './jobs.schema.ts'

/** Wherever the job runs, its row is the truth; one read by primary key, for each stream. */
const lookEveryMs = 250

interface FollowOptions {
  readonly lastEventId?: string | undefined
  readonly signal: AbortSignal
  /** Streams end then, without `done`: the caller connects to another server. */
  readonly isStopping?: (() => boolean) | undefined
  /** Whether the caller's key still holds; streams end without `done`, too. Default: it does. */
  readonly mayGoOn?: (() => Promise<boolean>) | undefined
}

/**
 * The job whenever it has changed, as a whole, so that nothing is lost with an event; the last event is its end. A job that is not there,
 * or not the caller's, is refused before the stream begins. @throws AppError not_found
 */
export async function followJob(
  db: Kysely<Database>,
  name: JobName,
  options: FollowOptions,
): Promise<AsyncGenerator<JobEvent, void>> {
  return eventsOf(db, name, options, await getJobRow(db, name))
}

async function* eventsOf(
  db: Kysely<Database>,
  name: JobName,
  { lastEventId, signal, isStopping = () => false, mayGoOn = async () => true }: FollowOptions,
  first: JobRow,
): AsyncGenerator<JobEvent, void> {
  let seen = Number(lastEventId ?? -1)
  for (let row = first; ; row = await getJobRow(db, name)) {
    if (isEnded(row)) {
      yield toEvent('done', row)
      return
    }
    if (row.revision > seen) yield toEvent('progress', row)
    seen = Math.max(seen, row.revision)
    await setTimeout(lookEveryMs, undefined, { signal })
    if (isStopping() || !(await mayGoOn())) return
  }
}

const toEvent = (type: JobEvent['type'], row: JobRow): JobEvent => ({ type, id: String(row.revision), job: toJob(row) })

/** The job as soon as it has ended, or as it is after `waitMs`. */
export async function whenEnded(
  db: Kysely<Database>,
  id: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<z.output<typeof Job>> {
  const until = performance.now() + waitMs
  for (let pauseMs = 20; ; pauseMs = Math.min(lookEveryMs, 1.5 * pauseMs)) {
    const row = await getJobRow(db, { id })
    const leftMs = until - performance.now()
    if (isEnded(row) || leftMs <= 0) return toJob(row)
    await setTimeout(Math.min(pauseMs, leftMs), undefined, signal === undefined ? {} : { signal })
  }
}
