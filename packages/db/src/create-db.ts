import { type CompiledQuery, type Dialect, Kysely, type LogEvent, PostgresAdapter, PostgresIntrospector } from 'kysely'
import pg from 'pg'
import { ColumnNames } from './column-names.ts'
import type { Database } from './database.ts'
import { createCanceller } from './driver/cancel.ts'
import { type DriverParts, ExtropyDriver } from './driver/driver.ts'
import { createLane, type LaneOptions, type LaneStats } from './driver/lane.ts'
import {
  createPool,
  type MovingTarget,
  type PoolOptions,
  type PoolStats,
  withStartup,
  withTarget,
} from './driver/pool.ts'
import { ExtropyQueryCompiler } from './driver/query-compiler.ts'
import { createStatementNames, type StatementNameOptions } from './driver/statement-names.ts'
import { openEmbedded } from './embedded.ts'
import { CannotConnectError, DatabaseUnavailableError, sqlStates } from './pg-errors.ts'
import type { Primary } from './replication/primary.ts'
import type { Replica, ReplicaChange, ReplicaStats, Replicas } from './replication/replicas.ts'
import { findAddress, type Replication, type ServerAddress, watchReplication } from './replication/replication.ts'
import { namedServers } from './replication/server-urls.ts'
import { selectStartedAt, type WatchedServer, watchServer } from './replication/watched-server.ts'
import { assertPinned, pinSession, pooledSession } from './session.ts'
import { typeParsers } from './type-parsers.ts'

export interface DatabaseOptions {
  /**
   * `postgres://…` for a server; a folder (`.data/extropy`) or `memory:` for the embedded PostgreSQL. With several hosts
   * (`postgres://a:5432,b/db`), or with `target_session_attrs=read-write`, the one that takes writes is looked for, and followed.
   */
  readonly url: string
  /** Each leads to one standby of that server, or to a pooler before one, for reads that say so. Default none. */
  readonly replicaUrls?: readonly string[]
  /** A replica further behind is not read from. Default 30,000 ms. */
  readonly maxReplicaLagMs?: number
  /** Called when a replica is read from, or no longer, and when it was looked at first. */
  readonly onReplicaChange?: ((change: ReplicaChange) => void) | undefined
  /** A dumped data folder to start an embedded database from. Tests clone their template this way. */
  readonly embeddedSnapshot?: Blob
  /** Called when a pooled connection breaks while nobody uses it. Default: ignored, the pool replaces it. */
  readonly onIdleError?: (error: Error) => void
  /** Called with every query before it runs: for tests and tools that count or explain them. */
  readonly onQuery?: (query: CompiledQuery) => void
  /**
   * Told of every query after it has run, in its caller's async context; waiting for a connection is part of its time.
   * For traces. Default: nothing is measured.
   */
  readonly onStatement?: (statement: RanStatement) => void
  /** Options for a server's connections; the embedded database has one. */
  readonly pool?: PoolOptions
  /** No statement runs longer. Default 30,000 ms. */
  readonly statementTimeoutMs?: number
  /**
   * True where a pooler in transaction mode, such as PgBouncer, sits between: then the session's settings are the role's
   * (set `statement_timeout` there; settings that change how values are read are checked), nothing is prepared by name, and there
   * is no lane.
   */
  readonly behindPooler?: boolean
  /** The statements that are prepared by name; `false` for none. Default: the hot ones, or none behind a pooler. */
  readonly preparedStatements?: StatementNameOptions | false
  /** The pipelined connections for declared hot reads; `false` for none. Default: two on a server. */
  readonly lane?: LaneOptions | false
}

export interface RanStatement {
  /** The text, with `$1` in the place of values. */
  readonly sql: string
  readonly durationMs: number
  /** Undefined where it went well. */
  readonly error: unknown
}

export interface DatabaseHandle {
  readonly db: Kysely<Database>
  readonly kind: 'embedded' | 'postgres'
  /** See the option: nothing that belongs to a session may be relied on. */
  readonly behindPooler: boolean
  /** Where the embedded database keeps its data; undefined in memory, and for a server. */
  readonly folder: string | undefined
  /** The embedded database's notifications, of channels that its session listens to; undefined for a server. Returns the way to stop. */
  readonly onNotification: ((hear: (channel: string, payload: string) => void) => () => void) | undefined
  /** For connections of one's own to the server that takes writes; undefined for the embedded database. */
  readonly address: ServerAddress | undefined
  /** Undefined where there are none. */
  readonly replicas: Replicas | undefined
  /** Of the server that takes writes; `undefined` while none is in touch. Undefined itself where servers are not looked at. */
  readonly timeline: (() => number | undefined) | undefined
  /** For /health/performance; costs nothing. */
  stats(): DatabaseStats
  /** Waits for the queries that run, then closes every connection. The embedded database is flushed to disk. */
  close(): Promise<void>
}

export interface DatabaseStats {
  readonly pool: PoolStats
  /** When the server last said that its disk is full, in `performance.now()`'s time; undefined where it never did. */
  readonly diskFullAt: number | undefined
  /** Undefined where there is no lane. */
  readonly lane: LaneStats | undefined
  /** Empty where there are none. */
  readonly replicas: readonly ReplicaStats[]
  /** The servers that may take writes, and what each one is; undefined where the URL names one only. */
  readonly candidates: ReadonlyMap<string, string> | undefined
}

/** A dead peer is noticed by TCP after a quarter of a minute. */
const serverConnection = { keepAlive: true, keepAliveInitialDelayMillis: 15_000, application_name: 'extropy' }

/** The embedded database has one session: a second pooled connection would hang on the first one's transaction. */
const embeddedPool: PoolOptions = {
  size: 1,
  maxSize: 1,
  maxLifetimeSeconds: 0,
  pingAfterIdleMs: Number.POSITIVE_INFINITY,
}

/**
 * Opens the database: one pool and one Kysely, whichever kind the URL names. A server is first contacted by the first
 * query; the embedded database is opened at once.
 *
 * @throws DataFolderError where another process has the embedded folder open, or it cannot be locked.
 */
export async function createDatabase(options: DatabaseOptions): Promise<DatabaseHandle> {
  const embedded = isServerUrl(options.url) ? undefined : await openEmbedded(options.url, options.embeddedSnapshot)
  const { behindPooler = false, onIdleError = () => {}, pool: poolOptions = {} } = options
  const { preparedStatements = behindPooler ? false : {}, lane = behindPooler ? false : {} } = options
  const named = namedServers(options.url)
  const config = embedded
    ? { ...embedded.poolConfig, idleTimeoutMillis: 0, types: typeParsers }
    : serverConfig(named.urls[0], options)

  const openReplica = (url: string): Replica => {
    const server = watchServer(url)
    const shared = serverConfig(url, options)
    const onConnect = async (client: pg.ClientBase) => {
      await shared.onConnect?.(client)
      await assertSameServer(client, server)
    }
    const own = { ...shared, onConnect }
    const pool = createPool(own, poolOptions, onIdleError)
    return { server, source: { pool, lane: lane === false ? undefined : createLane(own, lane) } }
  }
  const replicas = embedded ? [] : (options.replicaUrls ?? []).map(openReplica)
  const replication =
    embedded || (replicas.length === 0 && !named.areCandidates)
      ? undefined
      : watchReplication(named, {
          replicas,
          maxLagMs: options.maxReplicaLagMs ?? 30_000,
          onChange: options.onReplicaChange,
        })
  const target = replication && named.areCandidates ? targetOf(replication, named.urls[0]) : undefined
  const guarded = replication ? withGuard(config, replication.primary, named.areCandidates) : config
  const moving = target ? { ...guarded, Client: withTarget(config.Client ?? pg.Client, target) } : guarded
  const pool = createPool(moving as pg.PoolConfig, embedded ? embeddedPool : poolOptions, onIdleError, target)
  const laneOfReads = embedded || lane === false ? undefined : createLane(moving as pg.PoolConfig, lane)
  replication?.primary.onMove(() => {
    pool.cut()
    laneOfReads?.cut()
  })
  let diskFullAt: number | undefined
  const parts: DriverParts = {
    pool,
    statementNames: preparedStatements === false ? undefined : createStatementNames(preparedStatements),
    lane: laneOfReads,
    cancel: embedded ? undefined : createCanceller(),
    onQuery: options.onQuery,
    onUnavailable({ code }) {
      replication?.hurry()
      if (code === sqlStates.diskFull) diskFullAt = performance.now()
      if (code !== sqlStates.readOnlySqlTransaction) return
      pool.renew()
      void laneOfReads?.renew()
    },
  }
  const { onStatement } = options
  const db = new Kysely<Database>({
    dialect: createDialect(parts),
    ...(onStatement === undefined ? {} : { log: (event) => onStatement(toRanStatement(event)) }),
    plugins: [new ColumnNames()],
  })

  return {
    db,
    kind: embedded ? 'embedded' : 'postgres',
    behindPooler: embedded === undefined && behindPooler,
    folder: embedded?.folder,
    onNotification: embedded?.onNotification,
    address: embedded ? undefined : addressOf(options.url, replication),
    replicas: replication?.replicas,
    timeline: replication && (() => replication.primary.current?.timeline || undefined),
    stats: () => ({
      pool: pool.stats(),
      lane: laneOfReads?.stats(),
      diskFullAt,
      replicas: replication?.replicas?.stats() ?? [],
      candidates: named.areCandidates ? replication?.primary.states : undefined,
    }),
    async close() {
      await replication?.close()
      await Promise.all(replicas.map(async ({ source }) => [await source.lane?.close(), await source.pool.close()]))
      await db.destroy()
      await embedded?.close()
    },
  }
}

function serverConfig(url: string, { behindPooler, statementTimeoutMs = 30_000 }: DatabaseOptions): pg.PoolConfig {
  return {
    ...serverConnection,
    ...(behindPooler
      ? { connectionString: url, Client: withStartup(pg.Client, pooledSession), onConnect: assertPinned }
      : { statement_timeout: statementTimeoutMs, ...pinSession(url) }),
    idleTimeoutMillis: 30_000,
    types: typeParsers,
  } as pg.PoolConfig
}

/** New connections lead to the server that takes writes. Until one is known, `found` refuses. */
function targetOf({ primary }: Replication, first: string): MovingTarget {
  let last = first
  return {
    found: primary.find,
    url() {
      last = primary.current?.url ?? last
      return pinSession(last).connectionString as string
    },
  }
}

/** No connection is opened to a server that is known to be replaced, nor to the last one while none is known. */
function withGuard(config: pg.PoolConfig, primary: Primary, areCandidates: boolean): pg.PoolConfig {
  const onConnect = async (client: pg.ClientBase) => {
    assertNotReplaced(primary)
    if (areCandidates && primary.current === undefined) throw new CannotConnectError('No server takes writes')
    await config.onConnect?.(client)
  }
  return { ...config, onConnect }
}

function assertNotReplaced({ replaced }: Primary): void {
  if (replaced !== undefined) throw new CannotConnectError(replaced)
}

function addressOf(url: string, replication: Replication | undefined): ServerAddress {
  if (replication === undefined) return findAddress(url)
  const { primary } = replication
  const find = namedServers(url).areCandidates
    ? async () => (await primary.find()).url
    : async () => {
        assertNotReplaced(primary)
        return url
      }
  // Closed with the database.
  return { find, onMove: primary.onMove, close: async () => {} }
}

/**
 * What was seen of a replica on one connection holds on others that lead to the same start of the same server.
 *
 * @throws DatabaseUnavailableError
 */
async function assertSameServer(client: pg.ClientBase, server: WatchedServer): Promise<void> {
  const { rows } = await client.query<{ started_at: string }>(selectStartedAt)
  if (rows[0]?.started_at === server.startedAt) return
  throw new DatabaseUnavailableError(`${server.name} was started anew, or its address leads to several servers`)
}

function toRanStatement({ query: { sql }, queryDurationMillis: durationMs, ...event }: LogEvent): RanStatement {
  return { sql, durationMs, error: event.level === 'error' ? event.error : undefined }
}

function createDialect(parts: DriverParts): Dialect {
  return {
    createDriver: () => new ExtropyDriver(parts),
    createQueryCompiler: () => new ExtropyQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }
}

function isServerUrl(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url)
}
