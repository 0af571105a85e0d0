import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createSampledRecall, followContents, followPassages, followWrites } from '@extropy/api'
import { createPartitions, migrate } from '@extropy/db'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { runCommand } from './cli/run-command.ts'
import { type Config, ConfigError, parseConfig, tracesUrl } from './config.ts'
import { leaveDoor, urlFromHere } from './door/door-file.ts'
import { createLocalDoor } from './door/local-door.ts'
import { createApp } from './http/app.ts'
import { createHttpServer } from './http/http-server.ts'
import { openLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import type { Tracing } from './monitoring/tracing.ts'
import { openDeps } from './open-deps.ts'
import { type RunningJobs, runJobs } from './run-jobs.ts'
import { hasContents, loadSample } from './sample.ts'
import { openWebApp } from './web-app.ts'
import { welcome } from './welcome.ts'

/** Requests in flight may take this long after the port has closed; then their connections are cut. */
const drainMs = 8000
/** The process ends after this long in all, even if a statement or an embedding does not: orchestrators commonly kill at 10 s. */
const stopMs = 9500
/** Each sample takes three exact searches. */
const sampleRecallEveryMs = 60_000
/** The ledger is split by month, six of them ahead: a server that runs for years must make the next ones itself. */
const partitionsEveryMs = 24 * 3600 * 1000

const usage = `usage: pnpm start

Serves the API until it is stopped. Every setting is an environment variable: docs/settings.md lists them.
`

await runCommand({ usage }, start)
if (process.exitCode) process.exit()

async function start(): Promise<undefined> {
  const config = parseConfig(process.env)
  const logger = openLog(config.LOG_LEVEL)
  await assertPortIsFree(config)
  const onBuildFailed = (output: string) => logger.error({ output }, 'the web app could not be built')
  const webApp = config.WEB_APP === 'on' ? openWebApp(onBuildFailed) : undefined
  const tracing = await startTracing(config, logger)
  const deps = await openDeps(config, {
    onStatement: tracing?.onStatement,
    onReread: (part) => process.stderr.write(`The rules for words have changed: reading stored ${part} anew.\n`),
    onIdleError: (err) => logger.warn({ err }, 'an idle connection broke'),
    onRedisError: (err) => logger.warn({ err }, 'Redis cannot be reached: this server counts rate limits by itself'),
    onNewerDatabase: (migrations) => logger.warn({ migrations }, 'a newer release has changed this database'),
    onCacheUseless: (reason) => logger.warn({ reason }, 'no answer is kept, and each key is checked by a query'),
    onEmbedderError: (err) => logger.warn({ err }, 'the embedder failed: search goes on by word'),
  })
  await loadSample(config, deps, process.stderr)
  if (config.MIGRATE_ON_START === 'on') await migrate(deps.database)

  const isEmpty = !(await hasContents(deps))

  let jobs: RunningJobs | undefined
  const metrics = createMetrics({ ...deps, jobs: () => jobs?.stats() })
  const recall = createSampledRecall(deps.db, deps.embeddingModel)
  const sampleRecall = () => recall.sample().catch((err) => logger.warn({ err }, 'recall could not be sampled'))
  setInterval(sampleRecall, sampleRecallEveryMs).unref()
  let isStopping = false
  const served = { ...deps, latencies: metrics.quantiles, recall: recall.read, isStopping: () => isStopping }
  const { folder } = deps.database
  const localDoor = folder === undefined ? undefined : createLocalDoor(deps)
  let takeDoorAway = () => {}
  const app = createApp(served, logger, {
    metrics,
    localDoor,
    tracing,
    webApp,
    trustedProxies: config.TRUSTED_PROXIES,
    anonymousPerHour: config.RATE_LIMIT_ANONYMOUS_PER_HOUR,
    deadlineMs: config.REQUEST_TIMEOUT_MS,
    maxInFlight: config.MAX_IN_FLIGHT,
    httpMaxAgeSeconds: config.HTTP_MAX_AGE_SECONDS,
    corsOrigins: config.CORS_ORIGINS,
    mcpHosts: config.MCP_HOSTS,
  })
  // Before anybody can reach the server: from there on nothing is awaited until it can be stopped in order.
  if (config.JOBS === 'on') jobs = await runJobs(config, deps, logger)
  const server = createHttpServer(app, logger)
  server.listen(config.PORT, config.HOST, () => {
    const { port } = server.address() as AddressInfo
    if (folder !== undefined && localDoor !== undefined) {
      takeDoorAway = leaveDoor(folder, { url: urlFromHere(config.HOST, port), key: localDoor.key })
    }
    process.stderr.write(welcome(config.HOST, port, isEmpty))
  })
  server.once('error', (error) => {
    process.stderr.write(`${cannotListen(config, error)}\n`)
    process.exit(1)
  })

  setInterval(() => {
    createPartitions(deps.db).catch((err) => logger.error({ err }, 'creating the next ledger partitions failed'))
  }, partitionsEveryMs).unref()

  const following = followPassages(deps, {
    onRefused: ({ chunkId }, err) =>
      logger.warn({ err, passage: chunkId }, 'a passage is refused by the embedding model'),
    onError: (err) => logger.warn({ err }, 'passages wait for their vectors, and are found by word'),
    // There may be enough of them for an index now.
    onCaughtUp: async () => {
      if (config.MIGRATE_ON_START === 'on') await migrate(deps.database)
    },
  })

  const watching = followWrites(deps, {
    onError: (err) => logger.warn({ err }, 'subscriptions wait for their answers'),
  })
  const analysing = followContents(deps, {
    onError: (err) => logger.warn({ err }, 'contents wait for their analysis'),
  })

  const stop = async (signal: NodeJS.Signals) => {
    process.once(signal, () => process.exit(1))
    isStopping = true
    if (config.SHUTDOWN_DELAY_MS > 0) {
      logger.info({ signal, delayMs: config.SHUTDOWN_DELAY_MS }, 'stopping soon: no longer ready')
      await setTimeout(config.SHUTDOWN_DELAY_MS)
    }
    logger.info({ signal }, 'stopping: no new connections, requests in flight finish')
    // A connection that was at work when its server closed would be kept open for the next request.
    setInterval(() => server.closeIdleConnections(), 100).unref()
    setTimeout(drainMs, undefined, { ref: false }).then(() => server.closeAllConnections())
    setTimeout(stopMs, undefined, { ref: false }).then(() => {
      logger.warn('stopped before everything had finished')
      process.exit(0)
    })
    takeDoorAway()
    const put = jobs?.close()
    server.close(async () => {
      metrics.close()
      await Promise.all([following.close(), analysing.close(), watching.close(), put])
      await Promise.all([deps.close(), tracing?.close()])
      logger.info('stopped')
      process.exit(0)
    })
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** Loaded where it is used: the SDK costs every other start nothing. */
async function startTracing(config: Config, logger: Logger): Promise<Tracing | undefined> {
  const url = tracesUrl(config)
  if (url === undefined) return undefined
  const { openTracing } = await import('./monitoring/tracing.ts')
  const { OTEL_SERVICE_NAME: serviceName, OTEL_TRACES_SAMPLER_ARG: share } = config
  const onError = (error: unknown) =>
    logger.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'traces could not be sent')
  return openTracing({ url, serviceName, version: packageJson.version, share, onError })
}

/** Checked first, so that nobody waits for a database to open only to hear that the port is taken. */
async function assertPortIsFree({ HOST, PORT }: Config): Promise<void> {
  const probe = createServer().listen(PORT, HOST)
  try {
    await once(probe, 'listening')
  } catch (error) {
    throw new ConfigError(cannotListen({ HOST, PORT }, error as Error))
  }
  probe.close()
  await once(probe, 'close')
}

function cannotListen({ HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>, { message }: Error): string {
  return `Cannot listen on ${HOST}:${PORT}: ${message}. Set PORT to a free one, or HOST to an address of this machine.`
}
