import type { Cache } from '@extropy/cache'
import type { Database, DatabaseStats, EmbeddingModelRow } from '@extropy/db'
import type { Intake } from '@extropy/intake'
import type { Kysely } from 'kysely'
import type { KeyRing } from './auth/key-ring.ts'
import type { Principal } from './auth/principal.ts'
import type { CacheRules } from './cache-rules.ts'
import type { Embedder } from './embedding/embedder.ts'
import type { AnswerWriter } from './language-model/writer.ts'
import type { Limiter } from './limits/limiter.ts'
import type { Analyst } from './patterns/analyst.ts'
import type { ReplicaReads } from './replica-reads/replica-reads.ts'
import type { SampledRecall } from './search/sampled-recall.ts'
import type { ReceivedFile, Spool } from './spool/spool.ts'
import type { Payments } from './tokens/payments.ts'
import type { WorkerPart } from './worker-part.ts'

/** The parts that procedures work with; made once at start, by the server or by a test. */
export interface Deps {
  readonly db: Kysely<Database>
  /** Statistics of the database's connections; reading them costs nothing. */
  readonly databaseStats: () => DatabaseStats
  /** Answers of procedures, ready to be sent again. */
  readonly cache: Cache
  readonly cacheRules: CacheRules
  readonly embedder: Embedder
  /** The embedder's row in the database: `registerModel` makes it at start. */
  readonly embeddingModel: EmbeddingModelRow
  /** Analyses contents and finds patterns, in threads of its own. */
  readonly analyst: Analyst
  /** Writes answers; undefined where no language model is configured, and answers are extracted. */
  readonly writer?: AnswerWriter | undefined
  /** Tokens that all servers on the database may spend within 24 hours on second opinions of contents; left out: none. */
  readonly analysisTokensPerDay?: number | undefined
  /** The way to the outside; undefined where nothing is fetched. */
  readonly intake?: Intake | undefined
  /** Of the documents that contents are read from, the largest that is kept; 0: none is. Default 1,000,000. */
  readonly snapshotMaxBytes?: number | undefined
  /** How long a caller waits for what a look brings; default 20,000 ms. */
  readonly scrapeWaitMs?: number | undefined
  /** Where uploads wait for their import; undefined where none are taken. */
  readonly spool?: Spool | undefined
  /** Reads on replicas; undefined where there are none. */
  readonly replicaReads?: ReplicaReads | undefined
  /** How often another server has become the primary, or it was replaced. */
  readonly primaryMoves?: (() => number) | undefined
  readonly version: string
  readonly keys: KeyRing
  readonly limiter: Limiter
  readonly payments: Payments
  /** Cards of one user that earn a token within 24 hours. */
  readonly rewardsPerDay: number
  /** Whether this process is about to close its port: streams end, for their callers to connect again. */
  readonly isStopping?: (() => boolean) | undefined
  /** Whether another process has taken its place at the port already: the server as a whole stays ready. */
  readonly isReplaced?: (() => boolean) | undefined
  /** The vector index's recall, as sampled so far. */
  readonly recall?: (() => SampledRecall) | undefined
  /** Quantiles of the latest requests; undefined where nothing counts them. */
  readonly latencies?: (() => readonly ProcedureLatency[]) | undefined
  /** The longest that the event loop stood still lately, in milliseconds. */
  readonly eventLoopMaxMs?: (() => number) | undefined
  /** The other processes of this server; undefined where this one is all of it. */
  readonly colleagues?: (() => Promise<Colleagues>) | undefined
}

/** What the other processes of this server say. */
export interface Colleagues {
  readonly parts: readonly WorkerPart[]
  /** Of all of them and this one. */
  readonly latencies: readonly ProcedureLatency[]
}

/** A procedure's recent latencies, at all doors together. */
export interface ProcedureLatency {
  readonly procedure: string
  readonly count: number
  readonly errors: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** A procedure's view of a request: the parts, the caller and the request itself. */
export interface Context extends Deps {
  /** The id in the log and in every error. */
  readonly requestId: string
  /** The user of the request's key; undefined without a key. */
  readonly principal: Principal | undefined
  /** The caller's network address, for the audit log. */
  readonly address: string | undefined
  /** The request's Idempotency-Key, as it came. */
  readonly idempotencyKey: string | undefined
  /** The newest stamp that the caller holds, as it came: reads show at least what it stands for. */
  readonly stamp?: string | undefined
  /** The body of a request to a procedure that takes a file, as it lies in the spool. */
  readonly upload?: ReceivedFile | undefined
  /** Aborts when the caller has gone or its time is up; undefined where nobody can say. */
  readonly signal?: AbortSignal | undefined
  /** Receives internal errors, which the caller does not see. */
  readonly onInternalError: (error: unknown, path: string) => void
}
