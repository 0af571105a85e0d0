import { type AnyJob, appJobs, jobsChannel, openWorker, type RunReport, type WorkerStats } from '@extropy/api'
import { openNotifications } from '@extropy/db'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { OpenDeps } from './open-deps.ts'

export interface RunningJobs {
  stats(): WorkerStats
  /** Running jobs get their signal, and are put back for others. */
  close(): Promise<void>
}

/** Runs jobs in this process, by default of every kind, and writes their ends to the log. */
export async function runJobs(
  config: Config,
  deps: OpenDeps,
  logger: Logger,
  jobs: readonly AnyJob[] = appJobs,
): Promise<RunningJobs> {
  const { database } = deps
  let isHearing = () => false
  const worker = openWorker(deps, {
    jobs,
    concurrency: config.JOBS_CONCURRENCY,
    isHearing: () => isHearing(),
    isAlone: database.kind === 'embedded',
    onEnded: (run) => logRun(logger, run),
    onError: (err) => logger.warn({ err }, 'the queue of jobs failed; it is asked again'),
  })
  const url = config.DATABASE_DIRECT_URL ?? (database.behindPooler ? undefined : config.DATABASE_URL)
  const notifications = await openNotifications(database, {
    channel: jobsChannel,
    onNotification: worker.hear,
    onListening: worker.lookAgain,
    url,
  })
  isHearing = notifications.isLive
  return {
    stats: worker.stats,
    async close() {
      await worker.close()
      await notifications.close()
    },
  }
}

function logRun(logger: Logger, { id, kind, attempt, status, durationMs, error }: RunReport): void {
  const run = { job: id, kind, attempt, status, durationMs: Math.round(durationMs) }
  if (status === 'succeeded') logger.info(run, 'job done')
  else if (error === undefined || status === 'cancelled') logger.info(run, 'job stopped')
  else logger.warn({ ...run, err: error }, 'job failed')
}
