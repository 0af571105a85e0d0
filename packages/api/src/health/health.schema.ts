import { z } from 'zod'

export const Health = z.object({
  status: z.literal('ok'),
  version: z.string(),
  contents: z.number().int().describe("PostgreSQL's own estimate, brought up to date by autovacuum and ANALYZE"),
  countsAreEstimates: z.literal(true),
})

export const Liveness = z.object({ status: z.literal('ok'), uptimeSeconds: z.number() })

export const Readiness = z.object({
  status: z.literal('ready'),
  checks: z.object({
    database: z.literal('ok'),
    migrations: z.literal('ok'),
    indexes: z.literal('ok'),
    redis: z.enum(['ok', 'not configured']),
  }),
})

export const Cleared = z.object({
  cleared: z.number().int().describe("Entries that were in this server's memory; every server's memory was cleared"),
})

export const CleanedUp = z.object({
  removed: z.number().int().describe('Entries that could never be served again; the others stay'),
})

const count = z.number().int()
const ms = z.number()

const CachePerformance = z.object({
  total_entries: count,
  active_entries: count.describe('Entries that would answer a request'),
  expired_entries: count.describe('Expired entries that are not yet removed'),
  hits: count.describe('Stale hits included'),
  stale_hits: count,
  misses: count,
  stores: count,
  refused_stores: count.describe('Answers not kept because their source had changed meanwhile'),
  evictions: count.describe('Pushed out to make room'),
  evictions_by_cause: z.record(z.string(), count),
  hit_rate: z.number().describe('Percent of reads'),
  max_cache_size: count.describe('Entries'),
  memory_usage_estimate_mb: z.number(),
  settings: z.object({
    default_ttl_seconds: count,
    rules: z.record(z.string(), count).describe('Seconds by path prefix; the longest wins'),
    exclude: z.array(z.string()).describe('Path prefixes whose answers are never kept'),
    query_params: z.enum(['on', 'off']).describe('off: parameters that a route does not know are ignored'),
  }),
  shared: z
    .object({ state: z.enum(['online', 'offline']), breaker: z.string(), pending_invalidations: count })
    .nullable()
    .describe('Redis; null where none is configured'),
})

const DatabasePerformance = z.object({
  status: z.enum(['healthy', 'unhealthy']),
  latency_ms: ms.nullable().describe('One query, with its wait for a connection; null where it failed'),
  pool: z.object({
    pool_size: count,
    max_size: count,
    checked_out: count,
    checked_in: count,
    overflow: count,
    total_connections: count,
    waiting: count.describe('Callers that wait for a connection now'),
    refused: count.describe('Callers sent away since the start'),
  }),
  lane: z
    .object({ connections: count, in_flight: count, left: count })
    .nullable()
    .describe('Pipelined connections; null where there are none'),
  replicas: z
    .array(
      z.object({
        number: count.describe('Its place in DATABASE_REPLICA_URLS, from 1'),
        name: z.string().nullable().describe('Host and port; for admins'),
        state: z.enum(['up', 'lagging', 'diverged', 'down']).describe('Read from only where it is up'),
        reason: z.string().nullable().describe('For admins'),
        lag_ms: ms.nullable().describe('How long ago the primary had what is not replayed yet'),
        lag_bytes: ms.nullable(),
        served: count.describe('Reads answered from it by this server'),
        connections: count,
      }),
    )
    .describe('Of DATABASE_REPLICA_URLS'),
  candidates: z
    .record(z.string(), z.string())
    .nullable()
    .describe('The servers of a DATABASE_URL with several, and what each is; for admins, null where it names one'),
  replica_reads: z
    .object({
      served: count,
      not_begun: count.describe('No replica was there, or none had replayed enough in time'),
      outdated: count.describe('Done again: the replica had not replayed something that the answer depends on'),
      failed: count.describe('Done again: it failed on the replica'),
    })
    .nullable()
    .describe(
      'Reads since the start by where they ended: all but the served ones on the primary; null without replicas',
    ),
})

export const SlowStatement = z.object({
  query: z.string(),
  calls: count,
  total_ms: ms,
  mean_ms: ms,
  max_ms: ms,
  rows: count,
  cache_hit_share: z.number(),
})

export const IndexHealth = z.object({
  unused: z.array(z.object({ index: z.string(), table: z.string(), bytes: count })),
  invalid: z.array(z.string()),
  missing: z.array(z.string()),
  bloated: z.array(z.object({ index: z.string(), bytes: count, needed_bytes: z.number() })),
})

export const TableHealth = z.object({
  table: z.string(),
  live_rows: count,
  dead_rows: count,
  dead_share: z.number(),
  last_vacuum_at: z.string().nullable(),
  last_analyze_at: z.string().nullable(),
})

/** The one answer in snake_case: monitors that were there before us read it. Keys may be added, none renamed. */
export const Performance = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    response_time_ms: ms,
    version: z.string(),
    uptime_seconds: z.number(),
    process: z
      .object({
        workers: count.describe('Processes of this server that are counted in here'),
        memory_mb: z.number().describe('Resident, of all of them'),
        event_loop_max_ms: ms.describe('The longest that one of them stood still in the last five to ten minutes'),
      })
      .describe('Of this server; all of its counters here add up over its workers'),
    cache: CachePerformance,
    database: DatabasePerformance,
    procedures: z
      .array(z.object({ procedure: z.string(), count, errors: count, p50_ms: ms, p95_ms: ms, p99_ms: ms }))
      .describe('Of the last five to ten minutes, the busiest first; quantiles within 5 %'),
    vector_index: z
      .object({ recall_at_10: z.number().nullable(), samples: count })
      .describe(
        'Share of the ten nearest passages that the index finds, on passages at random; null before the first sample',
      ),
    jobs: z
      .object({ queued: count, running: count, failed: count, oldest_waiting_seconds: z.number() })
      .nullable()
      .describe('On all servers together; failed: for good, and kept; null where the database does not answer'),
    intake: z
      .object({
        sources: z
          .object({ active: count, paused: count, failing: count, gone: count })
          .describe('By status, of all servers together'),
        fetches: z.record(z.string(), count).describe("This server's requests to others since its start, by outcome"),
        lanes: z.object({ waiting: count, held: count }).describe('Requests that wait for their turn; those in flight'),
      })
      .nullable()
      .describe('Null where nothing is fetched, or the database does not answer'),
    embedding: z.object({
      model: z.string(),
      embedded_share: z
        .number()
        .nullable()
        .describe('Share of all passages that the model has read, 0 to 1; null where the database does not answer'),
    }),
    slowest_statements: z.array(SlowStatement).nullable(),
    indexes: IndexHealth.nullable(),
    tables: z.array(TableHealth).nullable().describe('The tables with most dead rows first'),
    not_shown: z.record(z.string(), z.string()).describe('The reason for each key that is null'),
  })
  .meta({ id: 'Performance' })
