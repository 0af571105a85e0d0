import { setTimeout } from 'node:timers/promises'
import { type Database, rawWrite, withScope } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { invalidating } from '../invalidating.ts'
import { storableText } from '../storable-text.ts'
import { inTransaction } from '../transaction.ts'
import { type AnyJob, type JobContext, JobError, JobLostError, JobPostponed } from './define-job.ts'
import { enqueue } from './enqueue.ts'
import { type ClaimedJob, type EndedRun, endRuns, fenceOf, type RunEnd, showProgress } from './queue.ts'
import { createRunLog } from './run-log.ts'

/** Why a run is to stop. */
type StopReason = 'cancelled' | 'deadline' | 'lost' | 'stopping'

export interface Run {
  readonly job: ClaimedJob
  /** When its lease was last known to hold, by this process's clock. */
  leasedAt: number
  stop(reason: StopReason, graceMs?: number): void
  /** Resolves when all is written; never rejects. */
  readonly ended: Promise<RunReport>
}

export interface RunReport {
  readonly id: string
  readonly kind: string
  readonly attempt: number
  /** `lost`: another worker has the job, or nothing could be written of its end. */
  readonly status: RunEnd['status'] | 'lost'
  readonly durationMs: number
  readonly error: unknown
}

interface RunOptions {
  readonly leaseMs: number
  /** How long a run may go on after its signal. */
  readonly graceMs: number
  /** Writes the end; false where the run was no longer the job's. */
  readonly end: (run: EndedRun) => Promise<boolean>
}

/** How often what people see is written. */
const showEveryMs = 400
/** The end of a run is tried again while its lease lasts. */
const endTries = 5
const endRetryMs = 1000

/** Runs a claimed job to its end, whatever that is. */
export function startRun(deps: Deps, job: AnyJob, claimed: ClaimedJob, options: RunOptions): Run {
  const startedAt = performance.now()
  const aborting = new AbortController()
  const { promise: leftBehind, resolve: leaveBehind } = Promise.withResolvers<'left behind'>()
  let stopped: StopReason | undefined
  const run: Run = {
    job: claimed,
    leasedAt: startedAt,
    stop(reason, graceMs = options.graceMs) {
      stopped ??= reason
      aborting.abort(reasonOf(reason))
      void setTimeout(graceMs, 'left behind' as const, { ref: false }).then(leaveBehind)
    },
    ended: Promise.resolve().then(work),
  }
  return run

  async function work(): Promise<RunReport> {
    const deadline = globalThis.setTimeout(() => run.stop('deadline'), job.deadlineMs)
    const log = createRunLog(showEveryMs, (shown) => showProgress(deps.db, claimed, shown))
    let next: { readonly runAfter: Date; readonly input?: unknown } | undefined
    let end: RunEnd
    let error: unknown
    try {
      const input = parseInput(job, claimed)
      const context = createContext(deps, claimed, { input, signal: aborting.signal, log, leaseMs: options.leaseMs })
      const again: JobContext['again'] = (given) => {
        next = given
      }
      const running = Promise.resolve(job.run({ ...context, again }))
      // One that is left behind may still fail.
      running.catch(() => {})
      const result = await Promise.race([running, leftBehind.then(() => Promise.reject(aborting.signal.reason))])
      end = { status: 'succeeded', result: toJson(result) }
    } catch (thrown) {
      error = thrown instanceof JobPostponed ? undefined : thrown
      end = endAfter(thrown, stopped, job, claimed)
    } finally {
      clearTimeout(deadline)
    }
    const written = await writeEnd(end).catch((cause) => {
      error ??= cause
      return false
    })
    const status = written ? end.status : 'lost'
    return {
      id: claimed.id,
      kind: claimed.kind,
      attempt: claimed.attempt,
      status,
      durationMs: performance.now() - startedAt,
      error,
    }

    async function writeEnd(ended: RunEnd): Promise<boolean> {
      const shown = await log.close()
      for (let tried = 1; ; tried++) {
        try {
          const run = { id: claimed.id, fence: claimed.fence, end: ended, shown }
          if (ended.status !== 'succeeded' || next === undefined) return await options.end(run)
          const { runAfter, input = claimed.input } = next
          return await inTransaction(deps.db, async (trx) => {
            if ((await endRuns(trx, [run])).size === 0) return false
            const { userId, singletonKey } = claimed
            const same = { userId: userId ?? undefined, singletonKey: singletonKey ?? undefined }
            await enqueue(trx, job, input as never, { ...same, runAfter })
            return true
          })
        } catch (cause) {
          if (tried === endTries) throw cause
          await setTimeout(endRetryMs)
        }
      }
    }
  }
}

function reasonOf(reason: StopReason): Error {
  if (reason === 'deadline') return new DOMException('The job ran longer than it may.', 'TimeoutError')
  if (reason === 'lost') return new JobLostError()
  return new DOMException(reason === 'cancelled' ? 'The job was cancelled.' : 'The worker stops.', 'AbortError')
}

function parseInput(job: AnyJob, { input }: ClaimedJob): unknown {
  const parsed = job.input.safeParse(input)
  if (parsed.success) return parsed.data
  throw new JobError(`This release cannot read the job's input: ${z.prettifyError(parsed.error)}`, { retryMs: 'never' })
}

/** The job's state after a run that threw. */
function endAfter(thrown: unknown, stopped: StopReason | undefined, job: AnyJob, claimed: ClaimedJob): RunEnd {
  if (stopped === 'stopping') return { status: 'queued', isGivenBack: true }
  if (stopped === 'cancelled') return { status: 'cancelled' }
  if (thrown instanceof JobPostponed) return { status: 'queued', isGivenBack: true, runInMs: thrown.runInMs }
  const error = stopped === 'deadline' ? `It ran longer than ${job.deadlineMs / 1000} s.` : messageFor(thrown)
  const { retryMs } = thrown instanceof JobError ? thrown : {}
  if (retryMs === 'never') return { status: 'failed', error }
  if (claimed.attempt >= claimed.maxAttempts) return { status: 'dead', error }
  return { status: 'queued', error, runInMs: retryMs ?? backoffMs(job.retry, claimed.attempt) }
}

/** Half of it at random, so that jobs that failed together do not come back together. */
export function backoffMs({ firstMs, mostMs }: AnyJob['retry'], attempt: number): number {
  const wholeMs = Math.min(mostMs, firstMs * 4 ** (attempt - 1))
  return wholeMs / 2 + (Math.random() * wholeMs) / 2
}

/** Errors that were not written for people stay in the log. */
function messageFor(thrown: unknown): string {
  if (thrown instanceof JobError || thrown instanceof AppError) return storableText(thrown.message).slice(0, 1000)
  return 'Something went wrong on our side. The id of the job names it in the log.'
}

type ContextOptions = Pick<RunOptions, 'leaseMs'> & {
  readonly input: unknown
  readonly signal: AbortSignal
  readonly log: ReturnType<typeof createRunLog>
}

/** The run's view, without what only its end knows of. */
export function createContext(
  deps: Deps,
  claimed: ClaimedJob,
  options: ContextOptions,
): Omit<JobContext<unknown>, 'again'> {
  const { signal, log, leaseMs } = options
  const { id, kind, userId, attempt } = claimed
  const db = withScope(deps.db, { signal, commitGuard: fenceOf(claimed, leaseMs) })
  const change = <Result>(work: (deps: Deps) => Promise<Result>) =>
    invalidating({ db, cache: deps.cache }, (recorded) => work({ ...deps, db: recorded }))
  const write = <Result>(work: (trx: Transaction<Database>) => Promise<Result>) =>
    change((changing) => inTransaction(changing.db, work))
  return {
    id,
    kind,
    userId,
    attempt,
    input: options.input,
    deps: { ...deps, db },
    signal,
    progress: log.progress,
    log: log.add,
    change,
    write,
    writeOnce: (name, work) =>
      write(async (trx) => {
        const kept = await findCheckpoint(trx, id, name)
        if (kept !== undefined) return kept.result as never
        const result = await work(trx)
        await keepCheckpoint(trx, id, name, result)
        return result
      }),
    async checkpoint(name, work) {
      const kept = await findCheckpoint(db, id, name)
      if (kept !== undefined) return kept.result as never
      const result = await work()
      await inTransaction(db, (trx) => keepCheckpoint(trx, id, name, result))
      return result
    },
  }
}

function findCheckpoint(db: Kysely<Database>, jobId: string, name: string) {
  return db
    .selectFrom('jobCheckpoints')
    .select('result')
    .where('jobId', '=', jobId)
    .where('name', '=', name)
    .executeTakeFirst()
}

async function keepCheckpoint(trx: Transaction<Database>, jobId: string, name: string, result: unknown): Promise<void> {
  await rawWrite(
    ['jobCheckpoints'],
    sql`insert into job_checkpoints (job_id, name, result) values (${jobId}, ${name}, ${toJson(result)}::jsonb)`,
  ).execute(trx)
}

/** JSON that a jsonb column takes; counts of rows, which Kysely gives as bigints, become text. */
function toJson(value: unknown): string {
  const storable = (each: unknown) =>
    typeof each === 'string' ? storableText(each) : typeof each === 'bigint' ? String(each) : each
  return JSON.stringify(value, (_, each) => storable(each)) ?? 'null'
}
