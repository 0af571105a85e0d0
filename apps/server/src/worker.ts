import { followWrites } from '@extropy/api'
import { runCommand } from './cli/run-command.ts'
import { ConfigError, parseConfig } from './config.ts'
import { openLog } from './log.ts'
import { openDeps } from './open-deps.ts'
import { runJobs } from './run-jobs.ts'

/** The process ends after this long in all: orchestrators commonly kill at 10 s. */
const stopMs = 9500

const usage = `usage: pnpm worker

Runs jobs apart from the servers, until it is stopped; give the servers JOBS=off. It needs a PostgreSQL server in DATABASE_URL. Every
setting is an environment variable: docs/settings.md lists them.
`

await runCommand({ usage }, start)
if (process.exitCode) process.exit()

async function start(): Promise<undefined> {
  const config = parseConfig(process.env)
  if (!/^postgres(ql)?:/.test(config.DATABASE_URL)) {
    throw new ConfigError(
      'A worker apart needs a PostgreSQL server in DATABASE_URL. The embedded database belongs to one process, and the server runs its jobs itself.',
    )
  }
  const logger = openLog(config.LOG_LEVEL)
  const deps = await openDeps(config, {
    onIdleError: (err) => logger.warn({ err }, 'an idle connection broke'),
    onRedisError: (err) => logger.warn({ err }, 'Redis cannot be reached'),
    onNewerDatabase: (migrations) => logger.warn({ migrations }, 'a newer release has changed this database'),
    onEmbedderError: (err) => logger.warn({ err }, 'the embedder failed'),
  })
  const jobs = await runJobs(config, deps, logger)
  // As servers do: there may be none.
  const watching = followWrites(deps, {
    onError: (err) => logger.warn({ err }, 'subscriptions wait for their answers'),
  })
  process.stderr.write(`Running jobs, ${config.JOBS_CONCURRENCY} at once.\n`)

  const stop = async (signal: NodeJS.Signals) => {
    process.once(signal, () => process.exit(1))
    logger.info({ signal }, 'stopping: running jobs are put back')
    setTimeout(() => process.exit(0), stopMs).unref()
    await Promise.all([watching.close(), jobs.close()])
    await deps.close()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
