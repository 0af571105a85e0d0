import type { Database } from '@extropy/db'
import type { Transaction } from 'kysely'
import type { z } from 'zod'
import type { Deps } from '../context.ts'

/** A run's view of its job and of the parts that it works with. */
export interface JobContext<Input = unknown> {
  readonly id: string
  readonly kind: string
  /** Null: the server's own job. */
  readonly userId: string | null
  readonly input: Input
  /** The first run is 1. */
  readonly attempt: number
  /**
   * For reads, and for whatever else is not the database. Statements end with the signal; a change outside of `write` and
   * `change` is refused, for no answer would be purged for it.
   */
  readonly deps: Deps
  /**
   * Aborts on a cancel, at the deadline, when the lease is lost and when the server stops: hand it to everything that waits. Its
   * reason is an AbortError or a TimeoutError.
   */
  readonly signal: AbortSignal
  /** For people: n of m. Written twice a second at most. Leave `total` out where it is not known. */
  progress(done: number, total?: number): void
  /** For people: the last 20 lines are kept, each up to 500 characters. */
  log(line: string): void
  /**
   * One transaction, committed only while this run is the job's current one, and not cancelled; then the answers that it
   * changed are purged. Keep it short: the embedded database has one connection. @throws JobLostError
   */
  write<Result>(work: (trx: Transaction<Database>) => Promise<Result>): Promise<Result>
  /** As `write`, once for each name, whatever kills the run and however often: a later run gets the result that is kept. */
  writeOnce<Result>(name: string, work: (trx: Transaction<Database>) => Promise<Result>): Promise<Result>
  /** For functions that open transactions of their own, such as `ingest`: each of those is as one of `write`. */
  change<Result>(work: (deps: Deps) => Promise<Result>): Promise<Result>
  /**
   * A step whose result, as JSON, is kept: a later run does not repeat it. Work that was killed half-way is repeated; it holds no
   * transaction.
   */
  checkpoint<Result>(name: string, work: () => Promise<Result>): Promise<Result>
  /** When this run succeeds, the next job with the same singleton key follows in the same transaction. */
  again(next: { readonly runAfter: Date; readonly input?: Input }): void
}

export interface JobOptions<Schema extends z.ZodType, Result> {
  /** `feature.verb`, for ever: queued jobs have it. */
  readonly kind: string
  /** `user`: the user that it was enqueued for, and admins. `admins`: nobody else. */
  readonly seenBy: 'user' | 'admins'
  readonly input: Schema
  /** A few words for people: the host, the file. */
  readonly subject?: (input: z.output<Schema>) => string
  /** Most runs at once, on all servers together; left out: no limit. */
  readonly concurrency?: {
    readonly ofKind?: number
    /** Of this kind for one user. */
    readonly ofUser?: number
    /** Lane to limit, such as `{ 'host:example.org': 1 }`. All kinds that name a lane share it. */
    readonly lanes?: (input: z.output<Schema>) => Readonly<Record<string, number>>
    /**
     * Of each worker's places: kinds that wait for the same sort of strangers share a group, and one of this kind begins only where the
     * group then leaves so many places to other jobs. One place is always the group's, also where there are no more.
     */
    readonly ofWorker?: { readonly group: string; readonly leaving: number }
  }
  /** Of this kind at most one job with the same key is queued or running. */
  readonly singletonKey?: (input: z.output<Schema>) => string
  /** A longer run is aborted, and counts as a failed one. Default ten minutes. */
  readonly deadlineMs?: number
  /** Default: 5 runs, 1 s before the second, then four times as long each, at most an hour; half of each pause is random. */
  readonly retry?: { readonly runs?: number; readonly firstMs?: number; readonly mostMs?: number }
  /** Begun by the servers themselves, again and again, one at a time, with `{}` as input. */
  readonly everyMs?: number
  /**
   * Puts right what jobs of this kind leave behind that ended without their run's last word: cancelled, or given up because their
   * workers were lost. Workers call it every other second and after such an end, also several at once; with nothing to do it is one read.
   */
  readonly settle?: (deps: Deps) => Promise<void>
  /** Its result, as JSON, is the job's. It may run again after it has run: see `writeOnce`. */
  readonly run: (context: JobContext<z.output<Schema>>) => Promise<Result>
}

/** A kind of job as declared, with every default. */
export interface Job<Schema extends z.ZodType = z.ZodType, Result = unknown> extends JobOptions<Schema, Result> {
  readonly deadlineMs: number
  readonly retry: { readonly runs: number; readonly firstMs: number; readonly mostMs: number }
}

/** Any kind, where its types do not matter. */
// biome-ignore lint/suspicious/noExplicitAny: a list of jobs with different inputs has no other common type.
export type AnyJob = Job<any, any>

/** Declares a kind of job; `app-jobs.ts` names it for the workers. See docs/jobs.md. */
export function defineJob<Schema extends z.ZodType, Result>(options: JobOptions<Schema, Result>): Job<Schema, Result> {
  const { deadlineMs = 600_000, retry = {} } = options
  return { ...options, deadlineMs, retry: { runs: 5, firstMs: 1000, mostMs: 3_600_000, ...retry } }
}

/** A failure that says how to go on; its message is shown to people. Any other error is retried, and only the log has its message. */
export class JobError extends Error {
  override readonly name = 'JobError'
  /** `never`: the job has failed for good. A number: the earliest next run, from now. Undefined: as after any other error. */
  readonly retryMs: number | 'never' | undefined

  constructor(message: string, options: { readonly retryMs?: number | 'never'; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.retryMs = options.retryMs
  }
}

/** Not now, and nobody's fault: the job waits in the queue instead of in a worker's place, and this run counts for nothing. */
export class JobPostponed extends Error {
  override readonly name = 'JobPostponed'
  readonly runInMs: number

  constructor(message: string, runInMs: number) {
    super(message)
    this.runInMs = runInMs
  }
}

/** The run is no longer the job's: it was cancelled, or another worker has it. Nothing of it may be written. */
export class JobLostError extends Error {
  override readonly name = 'AbortError'
  constructor(message = 'This run is no longer the job’s current one: it writes nothing more.') {
    super(message)
  }
}
