import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createSampledRecall, type Deps, followContents, followPassages, followWrites } from '@extropy/api'
import { createPartitions, migrate, type ReplicaChange } from '@extropy/db'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { runCommand } from './cli/run-command.ts'
import { type Config, ConfigError, parseConfig, tracesUrl } from './config.ts'
import { leaveDoor, urlFromHere } from './door/door-file.ts'
import { createLocalDoor } from './door/local-door.ts'
import { createApp } from './http/app.ts'
import { closePort, createHttpServer } from './http/http-server.ts'
import { openLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import type { Tracing } from './monitoring/tracing.ts'
import { type OpenDeps, openDeps } from './open-deps.ts'
import { type RunningJobs, runJobs } from './run-jobs.ts'
import { hasContents, loadSample } from './sample.ts'
import { openWebApp, type WebApp } from './web-app.ts'
import { welcome } from './welcome.ts'
import { becomePrimary } from './workers/become-primary.ts'
import { checkConnections } from './workers/check-connections.ts'
import { createColleagues } from './workers/colleagues.ts'
import type { StopKind } from './workers/crew.ts'
import { letHangUpEnd } from './workers/hang-up.ts'
import type { Reports } from './workers/messages.ts'
import { type Seat, takeSeat } from './workers/seat.ts'
import { configOfSeat, workersOf } from './workers/seat-config.ts'

/** Requests in flight may take this long after the port has closed; then their connections are cut. */
const drainMs = 8000
/** The process ends after this long in all, even if a statement or an embedding does not: orchestrators commonly kill at 10 s. */
const stopMs = 9500
/** Idle connections of a worker whose place another one has taken stay open for so long: whoever uses one is told by the answer that it closes. */
const idleAfterReplacementMs = 3000
/** Each sample takes three exact searches. */
const sampleRecallEveryMs = 60_000
/** The ledger is split by month, six of them ahead: a server that runs for years must make the next ones itself. */
const partitionsEveryMs = 24 * 3600 * 1000

const strangersWarning =
  'another process on this database has another Redis than this one, has none, or has not reached it since it was emptied: each write is told through ' +
  'PostgreSQL too, answers are not shared, and each Redis counts rate limits for itself, so that callers get the limit more than once. Give all of them the same REDIS_URL'

const usage = `usage: pnpm start

Serves the API until it is stopped. Every setting is an environment variable: docs/settings.md lists them.
`

await runCommand({ usage }, start)
if (process.exitCode) process.exit()

async function start(): Promise<undefined> {
  const config = parseConfig(process.env)
  const seat = takeSeat(process.env)
  if (seat !== undefined) return serve(configOfSeat(config, seat.number), seat)
  await assertPortIsFree(config)
  const workers = workersOf(config)
  if (workers === 1) {
    letHangUpEnd()
    return serve(config)
  }
  await becomePrimary({
    workers,
    stopMs: config.SHUTDOWN_DELAY_MS + stopMs + 500,
    host: config.HOST,
    logLevel: config.LOG_LEVEL,
  })
}

/** Serves in this process: the whole server, or one worker of it. */
async function serve(config: Config, seat?: Seat): Promise<undefined> {
  const logger = openLog(config.LOG_LEVEL, seat?.number)
  /** Does what one process is enough for. */
  const leads = seat === undefined || seat.number === 1
  const onBuildFailed = (output: string) => logger.error({ output }, 'the web app could not be built')
  const webApp = config.WEB_APP === 'on' ? openWebApp(onBuildFailed) : undefined
  const tracing = await startTracing(config, logger)
  const deps = await openDeps(config, {
    onStatement: tracing?.onStatement,
    onReplicaChange: leads ? (change) => logReplica(logger, change) : undefined,
    onReread: (part) => process.stderr.write(`The rules for words have changed: reading stored ${part} anew.\n`),
    onIdleError: (err) => logger.warn({ err }, 'an idle connection broke'),
    onRedisError: (error) =>
      logger.warn(
        { reason: error instanceof Error ? error.message : error },
        'Redis cannot be reached: this server counts rate limits by itself',
      ),
    onCountError: (err) => logger.warn({ err }, 'a request could not be counted with those of other servers'),
    onNewerDatabase: (migrations) => logger.warn({ migrations }, 'a newer release has changed this database'),
    onCacheUseless: (reason) => logger.warn({ reason }, 'no answer is kept, and each key is checked by a query'),
    onStrangers: () => logger.warn(strangersWarning),
    onEmbedderError: (err) => logger.warn({ err }, 'the embedder failed: search goes on by word'),
  })
  await loadSample(config, deps, process.stderr)
  if (config.MIGRATE_ON_START === 'on') await migrate(deps.database)

  // Of the whole server: the share of this worker says nothing.
  if (seat !== undefined && leads) await checkConnections(parseConfig(process.env), deps.db, logger)

  const isEmpty = !(await hasContents(deps))

  let jobs: RunningJobs | undefined
  const askOthers = seat && ((own: Reports['metrics']) => seat.ask('metrics', own))
  const metrics = createMetrics({ ...deps, jobs: () => jobs?.stats() }, { askOthers })
  const recall = createSampledRecall(deps.db, deps.embeddingModel)
  const sampleRecall = () => recall.sample().catch((err) => logger.warn({ err }, 'recall could not be sampled'))
  if (leads) setInterval(sampleRecall, sampleRecallEveryMs).unref()
  let stopping: StopKind | undefined
  const reported = { ...deps, recall: recall.read, eventLoopMaxMs: metrics.eventLoopMaxMs }
  const served: Deps = {
    ...reported,
    latencies: metrics.quantiles,
    colleagues: seat && createColleagues(seat, metrics, reported),
    isStopping: () => stopping !== undefined,
    isReplaced: () => stopping === 'replace',
  }
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
    if (seat === undefined) process.stderr.write(welcome(config.HOST, port, isEmpty))
    else void untilBuilt(webApp).then(() => seat.ready(port, isEmpty))
  })
  server.once('error', (error) => {
    process.stderr.write(`${cannotListen(config, error)}\n`)
    process.exit(1)
  })

  const background = leads ? workInBackground(config, deps, logger) : undefined

  const stop = async (signal: string, how: StopKind = 'stop') => {
    if (stopping !== undefined) return
    stopping = how
    if (how === 'stop' && config.SHUTDOWN_DELAY_MS > 0) {
      logger.info({ signal, delayMs: config.SHUTDOWN_DELAY_MS }, 'stopping soon: no longer ready')
      await setTimeout(config.SHUTDOWN_DELAY_MS)
    }
    logger.info({ signal }, 'stopping: no new connections, requests in flight finish')
    const requestsMs = how === 'stop' ? drainMs : idleAfterReplacementMs + config.REQUEST_TIMEOUT_MS
    setTimeout(requestsMs, undefined, { ref: false }).then(() => server.closeAllConnections())
    setTimeout(requestsMs + stopMs - drainMs, undefined, { ref: false }).then(() => {
      logger.warn('stopped before everything had finished')
      process.exit(0)
    })
    takeDoorAway()
    const put = jobs?.close()
    server.once('close', async () => {
      await seat?.leave(await metrics.report())
      metrics.close()
      await Promise.all([background?.close(), put])
      await Promise.all([deps.close(), tracing?.close()])
      logger.info('stopped')
      process.exit(0)
    })
    if (how === 'stop') server.close()
    else {
      closePort(server)
      await setTimeout(idleAfterReplacementMs)
    }
    // A connection that was at work when its server closed would be kept open for the next request.
    setInterval(() => server.closeIdleConnections(), 100).unref()
  }
  const stopAtOnce = (signal: NodeJS.Signals) => {
    process.once(signal, () => process.exit(1))
    void stop(signal)
  }
  process.once('SIGTERM', stopAtOnce)
  if (seat === undefined) process.once('SIGINT', stopAtOnce)
  else {
    // A terminal sends these to every process; the primary one passes on what it makes of them.
    for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
    seat.onStop((how) => void stop(how, how))
  }
}

function logReplica(logger: Logger, { name, state, reason }: ReplicaChange): void {
  if (state === 'up') logger.info({ replica: name }, 'a replica is read from')
  else logger.warn({ replica: name, state, reason }, 'a replica is not read from')
}

/** What one process does for a whole server: the ledger's months, vectors, subscriptions, analyses. */
function workInBackground(config: Config, deps: OpenDeps, logger: Logger): { close(): Promise<unknown> } {
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

  return { close: () => Promise.all([following.close(), analysing.close(), watching.close()]) }
}

/** Another worker would build it too. */
async function untilBuilt(webApp: WebApp | undefined): Promise<void> {
  while (webApp?.state === 'building') await setTimeout(100)
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
