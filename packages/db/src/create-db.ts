import { type CompiledQuery, type Dialect, Kysely, type LogEvent, PostgresAdapter, PostgresIntrospector } from 'kysely'
import pg from 'pg'
import { ColumnNames } from './column-names.ts'
import type { Database } from './database.ts'
import { createCanceller } from './driver/cancel.ts'
import { type DriverParts, ExtropyDriver } from './driver/driver.ts'
import { createLane, type LaneOptions, type LaneStats } from './driver/lane.ts'
import { createPool, type PoolOptions, type PoolStats, withStartup } from './driver/pool.ts'
import { ExtropyQueryCompiler } from './driver/query-compiler.ts'
import { createStatementNames, type StatementNameOptions } from './driver/statement-names.ts'
import { openEmbedded } from './embedded.ts'
import { sqlStates } from './pg-errors.ts'
import { assertPinned, pinSession, pooledSession } from './session.ts'
import { typeParsers } from './type-parsers.ts'

export interface DatabaseOptions {
  /**
   * `postgres://…` for a server; a folder (`.data/extropy`) or `memory:` for the embedded PostgreSQL.
   */
  readonly url: string
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
  const { statementTimeoutMs = 30_000, behindPooler = false, onIdleError = () => {} } = options
  const { preparedStatements = behindPooler ? false : {}, lane = behindPooler ? false : {} } = options
  const config: pg.PoolConfig = embedded
    ? { ...embedded.poolConfig, idleTimeoutMillis: 0, types: typeParsers }
    : {
        ...serverConnection,
        ...(behindPooler
          ? { connectionString: options.url, Client: withStartup(pg.Client, pooledSession), onConnect: assertPinned }
          : { statement_timeout: statementTimeoutMs, ...pinSession(options.url) }),
        idleTimeoutMillis: 30_000,
        types: typeParsers,
      }
  const pool = createPool(config, embedded ? embeddedPool : (options.pool ?? {}), onIdleError)
  const laneOfReads = embedded || lane === false ? undefined : createLane(config, lane)
  let diskFullAt: number | undefined
  const parts: DriverParts = {
    pool,
    statementNames: preparedStatements === false ? undefined : createStatementNames(preparedStatements),
    lane: laneOfReads,
    cancel: embedded ? undefined : createCanceller(),
    onQuery: options.onQuery,
    onUnavailable({ code }) {
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
    stats: () => ({ pool: pool.stats(), lane: laneOfReads?.stats(), diskFullAt }),
    async close() {
      await db.destroy()
      await embedded?.close()
    },
  }
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
