import { setImmediate } from 'node:timers/promises'
import { createBatchQueue } from '../batch-queue.ts'
import type { Deps } from '../context.ts'
import type { AnyJob } from './define-job.ts'
import { enqueue } from './enqueue.ts'
import { createPlaces } from './places.ts'
import {
  claimJobs,
  type EndedRun,
  endRuns,
  type QueueStats,
  readQueueStats,
  reclaimLost,
  renewLeases,
} from './queue.ts'
import { type Run, type RunReport, startRun } from './run-job.ts'

export interface Worker {
  /** Call it with each notification of `jobsChannel`: new work, or the id of a job to cancel. */
  hear(payload: string): void
  /** Call it when listening begins. */
  lookAgain(): void
  stats(): WorkerStats
  /** Running jobs get their signal, and are put back at once. */
  close(): Promise<void>
}

export interface WorkerStats {
  readonly runningHere: number
  /** Kind and status to the number of runs that ended so here. */
  readonly ended: ReadonlyMap<string, { readonly kind: string; readonly status: string; readonly count: number }>
  /** Of all servers' jobs; undefined until it was first read. */
  readonly queue: QueueStats | undefined
}

export interface WorkerOptions {
  readonly jobs: readonly AnyJob[]
  /** Most runs at once in this process. Default 10. */
  readonly concurrency?: number
  /** Whether cancels and new work are heard of; otherwise they are looked for every second. */
  readonly isHearing?: () => boolean
  /** Nobody else can be running jobs of this database: all that run were left by a process that is gone. */
  readonly isAlone?: boolean
  readonly onStarted?: (run: Pick<RunReport, 'id' | 'kind' | 'attempt'>) => void
  readonly onEnded?: (run: RunReport) => void
  /** A failure of the queue itself. */
  readonly onError?: (error: unknown) => void
  /** A run not heard from for so long counts as lost. Default 15,000 ms; a heartbeat comes three times as often. */
  readonly leaseMs?: number
  /** How long a run may go on after its signal. Default 10,000 ms; 3,000 ms where the worker closes. */
  readonly graceMs?: number
}

/** How often an idle worker looks for work that is due by now, or that it has not heard of. */
const lookEveryMs = 1000
const upkeepEveryMs = 2000
const schedulesEveryMs = 60_000
const closingGraceMs = 3000

/** Runs jobs for as long as the process does. */
export function openWorker(deps: Deps, options: WorkerOptions): Worker {
  const { jobs, concurrency = 10, isHearing = () => false, leaseMs = 15_000, graceMs = 10_000 } = options
  const { onStarted = () => {}, onEnded = () => {}, onError = () => {} } = options
  const byKind = new Map(jobs.map((job) => [job.kind, job]))
  const deadlinesMs = new Map(jobs.map(({ kind, deadlineMs }) => [kind, deadlineMs]))
  const running = new Map<string, Run>()
  const ended = new Map<string, { kind: string; status: string; count: number }>()
  let queue: QueueStats | undefined
  let isClosing = false

  const places = () =>
    createPlaces(
      jobs,
      concurrency,
      [...running.values()].map(({ job }) => job.kind),
    )

  /** One look at a time; whatever calls meanwhile causes one more. */
  let looking: Promise<void> | undefined
  let isCalled = false
  const look = () => {
    isCalled = true
    looking ??= lookWhileCalled().finally(() => {
      looking = undefined
      // Called between the loop's end and here.
      if (isCalled && !isClosing && running.size < concurrency) look()
    })
  }
  const lookWhileCalled = async () => {
    while (isCalled && !isClosing && running.size < concurrency) {
      isCalled = false
      try {
        const most = concurrency - running.size
        const claimed = await claimJobs(deps.db, { deadlinesMs, most, leaseMs, places })
        for (const job of claimed) begin(job)
        if (claimed.length === most) isCalled = true
      } catch (error) {
        onError(error)
      }
      // The embedded database answers in microtasks: without this, timers and sockets would wait for the end of the queue.
      await setImmediate()
    }
  }

  const ends = createBatchQueue<EndedRun, boolean>({
    async run(runs) {
      const written = await endRuns(deps.db, runs)
      return runs.map(async ({ id }) => written.has(id))
    },
    atOnce: 1,
    most: 100,
  })

  const begin = (claimed: Run['job']) => {
    const run = startRun(deps, byKind.get(claimed.kind) as AnyJob, claimed, { leaseMs, graceMs, end: ends.add })
    running.set(claimed.id, run)
    onStarted(claimed)
    void run.ended.then((report) => {
      if (running.get(report.id) === run) running.delete(report.id)
      const key = `${report.kind} ${report.status}`
      const counted = ended.get(key) ?? { kind: report.kind, status: report.status, count: 0 }
      counted.count += 1
      ended.set(key, counted)
      onEnded(report)
      if (report.status !== 'succeeded' && report.status !== 'queued') void settle(byKind.get(report.kind) as AnyJob)
      if (!isClosing) look()
      if (byKind.get(report.kind)?.everyMs !== undefined) void schedule()
    })
    if (isClosing) run.stop('stopping', closingGraceMs)
  }

  const beat = async () => {
    const runs = [...running.values()]
    if (runs.length === 0) return
    const sentAt = performance.now()
    try {
      const held = await renewLeases(
        deps.db,
        runs.map((run) => run.job),
        leaseMs,
      )
      for (const run of runs) {
        const isCancelled = held.get(run.job.id)
        if (isCancelled === undefined) run.stop('lost')
        else run.leasedAt = sentAt
        if (isCancelled) run.stop('cancelled')
      }
    } catch (error) {
      onError(error)
    }
    // Before another worker may take it: with the signal, not only with the fence, it stops asking hosts.
    const latest = performance.now() - leaseMs + leaseMs / 10
    for (const run of runs) if (run.leasedAt < latest) run.stop('lost')
  }

  const keepUp = async () => {
    try {
      if ((await reclaimLost(deps.db)) > 0) look()
      queue = await readQueueStats(deps.db)
      for (const job of jobs) await settle(job)
    } catch (error) {
      onError(error)
    }
  }

  const settle = async (job: AnyJob) => {
    if (job.settle === undefined || isClosing) return
    await job.settle(deps).catch(onError)
  }

  const schedule = async () => {
    for (const job of jobs) {
      if (job.everyMs === undefined || isClosing) continue
      try {
        const last = await deps.db
          .selectFrom('jobs')
          .select('createdAt')
          .where('kind', '=', job.kind)
          .orderBy('createdAt', 'desc')
          .limit(1)
          .executeTakeFirst()
        const due = last === undefined ? Date.now() : Date.parse(last.createdAt) + job.everyMs
        await enqueue(deps.db, job, {}, { singletonKey: 'schedule', runAfter: new Date(Math.max(due, Date.now())) })
      } catch (error) {
        onError(error)
      }
    }
  }

  /** Never two at once of the same work: on a slow database they would pile up. */
  const every = (ms: number, work: () => unknown) => {
    let isBusy = false
    return setInterval(async () => {
      if (isBusy || isClosing) return
      isBusy = true
      await work()
      isBusy = false
    }, ms).unref()
  }
  const timers = [
    every(lookEveryMs, () => {
      look()
      if (!isHearing()) return beat()
    }),
    every(leaseMs / 3, beat),
    every(upkeepEveryMs, keepUp),
    every(schedulesEveryMs, schedule),
  ]
  const started = (options.isAlone ? reclaimLost(deps.db, { everyone: true }) : Promise.resolve(0))
    .catch(onError)
    .then(() => Promise.all([schedule(), keepUp()]))
  void started.then(look)

  return {
    hear(payload) {
      if (payload === '') look()
      else running.get(payload)?.stop('cancelled')
    },
    lookAgain() {
      look()
      void beat()
    },
    stats: () => ({ runningHere: running.size, ended, queue }),
    async close() {
      isClosing = true
      for (const timer of timers) clearInterval(timer)
      await started
      await looking
      for (const run of running.values()) run.stop('stopping', closingGraceMs)
      await Promise.all([...running.values()].map((run) => run.ended))
    },
  }
}
