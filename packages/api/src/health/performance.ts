import type { z } from 'zod'
import { isAdmin } from '../auth/principal.ts'
import type { Context, Deps, ProcedureLatency } from '../context.ts'
import type { WorkerPart } from '../worker-part.ts'
import { addUp, workerPart } from './add-up.ts'
import { readAdminReports, withheldReports } from './admin-reports.ts'
import { findEmbeddedShare, findQueueStats, findSourceStats, pingDatabase } from './health.queries.ts'
import type { Performance } from './health.schema.ts'

type Asked = Pick<
  Context,
  | 'db'
  | 'databaseStats'
  | 'embeddingModel'
  | 'cache'
  | 'cacheRules'
  | 'latencies'
  | 'recall'
  | 'eventLoopMaxMs'
  | 'colleagues'
  | 'version'
  | 'principal'
  | 'intake'
  | 'replicaReads'
>

/** Everyone may ask, as often as they like: counters and one query, but for admins. */
export async function readPerformance(ctx: Asked): Promise<z.output<typeof Performance>> {
  const startedAt = performance.now()
  // Its error is no more than "unhealthy" here: /health and /health/ready say which.
  const latencyMs = await pingDatabase(ctx).catch(() => null)
  const embeddedShare = latencyMs === null ? null : await findEmbeddedShare(ctx).catch(() => null)
  const queue = latencyMs === null ? null : await findQueueStats(ctx).catch(() => null)
  const sources = latencyMs === null || !ctx.intake ? null : await findSourceStats(ctx).catch(() => null)
  const mayRead = isAdmin(ctx.principal) && latencyMs !== null
  const reports = mayRead ? await readAdminReports(ctx) : isAdmin(ctx.principal) ? unreadReports : withheldReports
  const colleagues = await ctx.colleagues?.()
  const parts = [workerPart(ctx), ...(colleagues?.parts ?? [])] as const
  const whole = addUp(parts)
  const cache = cachePerformance(whole.cache, ctx.cacheRules.settings)
  const isWhole = latencyMs !== null && cache.shared?.state !== 'offline'
  return {
    status: isWhole ? ('healthy' as const) : ('degraded' as const),
    response_time_ms: rounded(performance.now() - startedAt),
    version: ctx.version,
    uptime_seconds: whole.uptimeSeconds,
    process: {
      workers: parts.length,
      memory_mb: rounded(whole.memoryBytes / 2 ** 20),
      event_loop_max_ms: rounded(whole.eventLoopMaxMs),
    },
    cache,
    database: databasePerformance(ctx, whole, latencyMs),
    procedures: (colleagues?.latencies ?? ctx.latencies?.() ?? []).map(procedureLatency),
    vector_index: { recall_at_10: whole.recall.recallAt10, samples: whole.recall.samples },
    jobs: queue && {
      queued: queue.queued,
      running: queue.running,
      failed: queue.failed,
      oldest_waiting_seconds: rounded(queue.oldestWaitingSeconds),
    },
    intake: sources && { sources, ...whole.intake },
    embedding: { model: ctx.embeddingModel.name, embedded_share: embeddedShare },
    ...reports,
  }
}

const unread = 'the database does not answer'
const unreadReports = { ...withheldReports, not_shown: { slowest_statements: unread, indexes: unread, tables: unread } }

function cachePerformance(cache: WorkerPart['cache'], settings: Deps['cacheRules']['settings']) {
  const { defaultTtlSeconds, rules, exclude, queryParams } = settings
  const { hits, staleHits, misses, stores, refused, evictions, maxEntries, bytes, active, expired, shared } = cache
  const answered = hits + staleHits
  return {
    total_entries: active + expired,
    active_entries: active,
    expired_entries: expired,
    hits: answered,
    stale_hits: staleHits,
    misses,
    stores,
    refused_stores: refused,
    evictions: evictions.entries + evictions.bytes,
    evictions_by_cause: evictions,
    hit_rate: answered + misses === 0 ? 0 : rounded((100 * answered) / (answered + misses)),
    max_cache_size: maxEntries,
    memory_usage_estimate_mb: rounded(bytes / 2 ** 20),
    settings: { default_ttl_seconds: defaultTtlSeconds, rules, exclude: [...exclude], query_params: queryParams },
    shared: shared && { state: shared.state, breaker: shared.breaker, pending_invalidations: shared.pending },
  }
}

function databasePerformance({ databaseStats, principal }: Asked, whole: WorkerPart, latencyMs: number | null) {
  const { replicas, candidates } = databaseStats()
  const { pool, lane } = whole.database
  const mayName = isAdmin(principal)
  const reads = whole.replicaReads
  return {
    status: latencyMs === null ? ('unhealthy' as const) : ('healthy' as const),
    latency_ms: latencyMs === null ? null : rounded(latencyMs),
    pool: {
      pool_size: pool.poolSize,
      max_size: pool.maxSize,
      checked_out: pool.checkedOut,
      checked_in: pool.checkedIn,
      overflow: pool.overflow,
      total_connections: pool.totalConnections,
      waiting: pool.waiting,
      refused: pool.refused,
    },
    lane: lane ? { connections: lane.connections, in_flight: lane.inFlight, left: lane.left } : null,
    replicas: replicas.map(({ name, state, reason = null, lagMs = null, lagBytes = null, served, pool: own }, at) => ({
      number: at + 1,
      name: mayName ? name : null,
      state,
      reason: mayName ? reason : null,
      lag_ms: lagMs,
      lag_bytes: lagBytes,
      served,
      connections: own.totalConnections,
    })),
    candidates: mayName && candidates ? Object.fromEntries(candidates) : null,
    replica_reads: reads
      ? { served: reads.served, not_begun: reads.notBegun, outdated: reads.outdated, failed: reads.failed }
      : null,
  }
}

function procedureLatency({ procedure, count, errors, p50Ms, p95Ms, p99Ms }: ProcedureLatency) {
  return { procedure, count, errors, p50_ms: rounded(p50Ms), p95_ms: rounded(p95Ms), p99_ms: rounded(p99Ms) }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
