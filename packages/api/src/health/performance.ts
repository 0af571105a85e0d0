import type { z } from 'zod'
import { isAdmin } from '../auth/principal.ts'
import type { Context, Deps } from '../context.ts'
import { readAdminReports, withheldReports } from './admin-reports.ts'
import { countEntries, findEmbeddedShare, findQueueStats, findSourceStats, pingDatabase } from './health.queries.ts'
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
  const cache = cachePerformance(ctx)
  const isWhole = latencyMs !== null && cache.shared?.state !== 'offline'
  return {
    status: isWhole ? ('healthy' as const) : ('degraded' as const),
    response_time_ms: rounded(performance.now() - startedAt),
    version: ctx.version,
    uptime_seconds: Math.round(process.uptime()),
    cache,
    database: databasePerformance(ctx, latencyMs),
    procedures: procedureLatencies(ctx.latencies),
    vector_index: vectorIndex(ctx.recall),
    jobs: queue && {
      queued: queue.queued,
      running: queue.running,
      failed: queue.failed,
      oldest_waiting_seconds: rounded(queue.oldestWaitingSeconds),
    },
    intake: sources && intakePerformance(ctx, sources),
    embedding: { model: ctx.embeddingModel.name, embedded_share: embeddedShare },
    ...reports,
  }
}

const unread = 'the database does not answer'
const unreadReports = { ...withheldReports, not_shown: { slowest_statements: unread, indexes: unread, tables: unread } }

function cachePerformance({ cache, cacheRules }: Pick<Asked, 'cache' | 'cacheRules'>) {
  const { defaultTtlSeconds, rules, exclude, queryParams } = cacheRules.settings
  const { hits, staleHits, misses, stores, refused, evictions, hitRate, maxEntries, bytes, shared } = cache.stats()
  const { active, expired } = countEntries(cache)
  return {
    total_entries: active + expired,
    active_entries: active,
    expired_entries: expired,
    hits: hits + staleHits,
    stale_hits: staleHits,
    misses,
    stores,
    refused_stores: refused,
    evictions: evictions.entries + evictions.bytes,
    evictions_by_cause: evictions,
    hit_rate: rounded(100 * hitRate),
    max_cache_size: maxEntries,
    memory_usage_estimate_mb: rounded(bytes / 2 ** 20),
    settings: { default_ttl_seconds: defaultTtlSeconds, rules, exclude: [...exclude], query_params: queryParams },
    shared: shared ? { state: shared.state, breaker: shared.breaker, pending_invalidations: shared.pending } : null,
  }
}

function databasePerformance({ databaseStats, replicaReads, principal }: Asked, latencyMs: number | null) {
  const { pool, lane, replicas, candidates } = databaseStats()
  const mayName = isAdmin(principal)
  const reads = replicaReads?.counts()
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

function intakePerformance({ intake }: Pick<Asked, 'intake'>, sources: Awaited<ReturnType<typeof findSourceStats>>) {
  if (intake === undefined) return null
  const { lanes, fetches } = intake.stats()
  return { sources, fetches: Object.fromEntries(fetches), lanes }
}

function vectorIndex(recall: Deps['recall']) {
  const { recallAt10 = null, samples = 0 } = recall?.() ?? {}
  return { recall_at_10: recallAt10, samples }
}

function procedureLatencies(latencies: Deps['latencies']) {
  return (latencies?.() ?? []).map(({ procedure, count, errors, p50Ms, p95Ms, p99Ms }) => ({
    procedure,
    count,
    errors,
    p50_ms: rounded(p50Ms),
    p95_ms: rounded(p95Ms),
    p99_ms: rounded(p99Ms),
  }))
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
