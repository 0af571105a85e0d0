import { existsSync } from 'node:fs'
import {
  type AnswerWriter,
  type CacheRules,
  createAnalyst,
  createCacheRules,
  createDatabaseLanes,
  createDatabaseLimiter,
  createLocalEmbedder,
  createMemoryLimiter,
  createOpenAiEmbedder,
  createOpenAiWriter,
  createPayments,
  createSpool,
  type Deps,
  type Embedder,
  EmbedderError,
  fetchHubModel,
  isBelow,
  isHubName,
  type Limiter,
  openFolderEmbedder,
  procedures,
  type RereadStep,
  registerModel,
  rereadTexts,
} from '@extropy/api'
import {
  createDatabase,
  type DatabaseHandle,
  type MigrateStep,
  migrate,
  migrationsOfNewer,
  type RanStatement,
  type ReplicaChange,
} from '@extropy/db'
import { createIntake, type Intake } from '@extropy/intake'
import packageJson from '../package.json' with { type: 'json' }
import { type Config, ConfigError } from './config.ts'
import { databaseOptions } from './database-options.ts'
import { importFolder } from './import-folder.ts'
import { type Caches, openCaches } from './open-caches.ts'

export interface OpenDeps extends Deps {
  readonly database: DatabaseHandle
  close(): Promise<void>
}

/**
 * Opens the database and the embedder, and migrates. The models' indexes are left out: see `MigrateOptions`.
 *
 * @throws ConfigError, DatabaseDownError
 */
export async function openDeps(
  config: Config,
  options: {
    onStep?: (step: MigrateStep | RereadStep) => void
    /** Called with the kind of stored rows that are read anew before the database is open. */
    onReread?: (part: string) => void
    onIdleError?: (error: Error) => void
    onRedisError?: (error: unknown) => void
    /** Called when the database could not be asked for a rate limit. */
    onCountError?: (error: unknown) => void
    /** Told of a failing embedder, at most once a minute: those who ask it go on without it. */
    onEmbedderError?: (error: unknown) => void
    onStatement?: ((statement: RanStatement) => void) | undefined
    /** Called when a replica is read from, or no longer. */
    onReplicaChange?: ((change: ReplicaChange) => void) | undefined
    /** Called with migrations that a newer release has made. */
    onNewerDatabase?: (migrations: readonly string[]) => void
    /** Called with the reason why no answer will be kept. */
    onCacheUseless?: (reason: string) => void
    /** Called when servers on this database have not all the same Redis. */
    onStrangers?: () => void
  } = {},
): Promise<OpenDeps> {
  const {
    onStep = () => {},
    onReread = () => {},
    onIdleError = () => {},
    onNewerDatabase = () => {},
    onCacheUseless = () => {},
    onStrangers = () => {},
    onEmbedderError = () => {},
    onStatement,
    onReplicaChange,
  } = options
  const cacheRules = readCacheRules(config)
  if (config.REDIS_URL !== undefined) await checkRedis(config.REDIS_URL)
  const embedder = watchEmbedder(await openEmbedder(config), onEmbedderError)
  const database = await createDatabase({
    ...databaseOptions(config),
    onIdleError,
    onReplicaChange,
    ...(onStatement === undefined ? {} : { onStatement }),
  })
  const analyst = createAnalyst()
  let caches: Caches | undefined
  const limiter = await openLimiter(config, database, { isAlone: () => caches?.isAlone() ?? false, ...options })
  const intake = openIntake(config, database)
  const close = async () => {
    await limiter.close()
    await caches?.close()
    await intake.close()
    await embedder.close()
    await analyst.close()
    await database.close()
  }
  try {
    if (config.MIGRATE_ON_START === 'on') {
      await migrate(database, { vectorIndexes: false, onStep })
      await rereadTexts(database.db, { onStart: onReread, onStep })
    }
    const newer = await migrationsOfNewer(database)
    if (newer.length > 0) onNewerDatabase(newer)
    const embeddingModel = await registerModel(database.db, embedder)
    const { version } = packageJson
    const onCompany = async () => limiter.meet?.()
    caches = await openCaches(config, database, { release: version, onCacheUseless, onStrangers, onCompany })
    const { cache, keys, replicaReads } = caches
    const writer = createWriter(config)
    const { db, stats: databaseStats } = database
    const payments = createPayments({ db, cache })
    let moves = 0
    database.address?.onMove(() => moves++)
    return {
      db,
      databaseStats,
      cache,
      cacheRules,
      embedder,
      embeddingModel,
      analyst,
      writer,
      analysisTokensPerDay: config.ANALYSIS_LLM_TOKENS_PER_DAY,
      intake,
      snapshotMaxBytes: config.SNAPSHOT_MAX_BYTES,
      spool: createSpool({ folder: importFolder(config) }),
      version,
      keys,
      replicaReads,
      primaryMoves: () => moves,
      limiter,
      payments,
      rewardsPerDay: config.CARD_REWARDS_PER_DAY,
      database,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** @throws ConfigError where a path matches no route: a mistyped rule would have no effect. */
function readCacheRules(config: Config): CacheRules {
  const routes = [...procedures.values()].flatMap((procedure) => procedure.routes.map(({ path }) => path))
  // Paths that are never kept, but may be named.
  const paths = [...routes, '/docs', '/openapi.json', '/metrics']
  const named = { CACHE_RULES: Object.keys(config.CACHE_RULES), CACHE_EXCLUDE: config.CACHE_EXCLUDE }
  for (const [name, prefixes] of Object.entries(named)) {
    const unknown = prefixes.find((prefix) => !paths.some((path) => isBelow(path, prefix)))
    if (unknown !== undefined) throw new ConfigError(`${name}: ${unknown} is not a route: docs/api.md lists them`)
  }
  return createCacheRules({
    defaultTtlSeconds: config.CACHE_DEFAULT_TTL,
    rules: config.CACHE_RULES,
    exclude: config.CACHE_EXCLUDE,
    queryParams: config.CACHE_QUERY_PARAMS,
  })
}

/** @throws ConfigError where the Redis that answers can never be shared: a node of a Cluster, a Sentinel, one that is too old or refuses the password. */
async function checkRedis(url: string): Promise<void> {
  const { findRedisProblem } = await import('@extropy/cache/redis')
  const problem = await findRedisProblem(url)
  if (problem !== undefined) throw new ConfigError(`REDIS_URL: ${problem}`)
}

/** Counts requests in Redis; without it in the database where servers share one, and else in memory. */
async function openLimiter(
  { REDIS_URL: url }: Config,
  { db, kind }: DatabaseHandle,
  options: {
    readonly isAlone: () => boolean
    readonly onRedisError?: (error: unknown) => void
    readonly onCountError?: (error: unknown) => void
  },
): Promise<Limiter & { meet?(): Promise<void> }> {
  const { isAlone, onRedisError, onCountError } = options
  if (url !== undefined) {
    const { createRedisLimiter } = await import('@extropy/api/redis-limiter')
    return createRedisLimiter({ url, ...(onRedisError && { onError: onRedisError }) })
  }
  if (kind === 'embedded') return createMemoryLimiter()
  return createDatabaseLimiter(db, { isAlone, ...(onCountError && { onError: onCountError }) })
}

function openIntake(config: Config, { kind, db }: DatabaseHandle): Intake {
  const { USER_AGENT_CONTACT, FETCH_ALLOW_PRIVATE, TWITTER_BEARER_TOKEN, REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET } =
    config
  const reddit =
    REDDIT_CLIENT_ID === undefined || REDDIT_CLIENT_SECRET === undefined
      ? undefined
      : { clientId: REDDIT_CLIENT_ID, clientSecret: REDDIT_CLIENT_SECRET }
  return createIntake({
    ...(USER_AGENT_CONTACT === undefined ? {} : { contact: USER_AGENT_CONTACT }),
    allowPrivate: FETCH_ALLOW_PRIVATE,
    credentials: { twitterBearerToken: TWITTER_BEARER_TOKEN, reddit },
    // Of the embedded database this process is the only one.
    ...(kind === 'embedded' ? {} : { lanes: createDatabaseLanes(db) }),
  })
}

/** Undefined where no language model is configured: answers are extracted then. */
function createWriter(config: Config): AnswerWriter | undefined {
  const { LLM_BASE_URL, LLM_MODEL, LLM_API_KEY } = config
  if (LLM_BASE_URL === undefined || LLM_MODEL === undefined) return undefined
  return createOpenAiWriter({
    baseUrl: LLM_BASE_URL,
    model: LLM_MODEL,
    maxOutputTokens: config.LLM_MAX_OUTPUT_TOKENS,
    ...(LLM_API_KEY === undefined ? {} : { apiKey: LLM_API_KEY }),
  })
}

/** @throws EmbedderError where EMBEDDING_PROVIDER=transformers has no model in its folder, or gets none from the hub. */
async function openEmbedder(config: Config): Promise<Embedder> {
  if (config.EMBEDDING_PROVIDER === 'local') return createLocalEmbedder()
  if (config.EMBEDDING_PROVIDER === 'transformers') return openTransformer(config)
  return createOpenAiEmbedder({
    // parseConfig requires these three.
    baseUrl: config.EMBEDDING_BASE_URL as string,
    model: config.EMBEDDING_MODEL as string,
    dimension: config.EMBEDDING_DIMENSION as number,
    ...(config.EMBEDDING_API_KEY === undefined ? {} : { apiKey: config.EMBEDDING_API_KEY }),
  })
}

async function openTransformer(config: Config): Promise<Embedder> {
  const model = config.EMBEDDING_MODEL as string
  if (existsSync(model) || !isHubName(model)) return openFolderEmbedder(model)
  const folder = await fetchHubModel({
    model,
    revision: config.EMBEDDING_REVISION,
    hubUrl: config.EMBEDDING_HUB_URL,
    cacheFolder: config.MODEL_CACHE_DIR,
  })
  return openFolderEmbedder(folder, { name: model })
}

const tellAgainMs = 60_000

function watchEmbedder(embedder: Embedder, onError: (error: unknown) => void): Embedder {
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    ...embedder,
    async embed(texts, options) {
      try {
        return await embedder.embed(texts, options)
      } catch (error) {
        if (error instanceof EmbedderError && !error.refusesText && performance.now() - toldAt > tellAgainMs) {
          toldAt = performance.now()
          onError(error)
        }
        throw error
      }
    },
  }
}
