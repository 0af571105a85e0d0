import { type Deps, findSourceStats, type WorkerStats } from '@extropy/api'
import type { Cache } from '@extropy/cache'
import type { IntakeStats } from '@extropy/intake'
import type { Sample, SampledMetric } from './samples.ts'

const one = (value: number): Sample[] => [{ value }]
const by = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }))

export function databaseMetrics(stats: Deps['databaseStats'], reads: Deps['replicaReads']): SampledMetric[] {
  const pool = () => stats().pool
  const lane = (read: (lane: NonNullable<ReturnType<typeof stats>['lane']>) => number) => () => {
    const found = stats().lane
    return found === undefined ? [] : one(read(found))
  }
  return [
    gauge('extropy_db_pool_size', 'Connections that stay open', () => one(pool().poolSize)),
    gauge('extropy_db_pool_max_size', 'Connections in a burst', () => one(pool().maxSize)),
    gauge('extropy_db_pool_connections', 'Open connections', () =>
      by('state', { checked_out: pool().checkedOut, idle: pool().checkedIn }),
    ),
    gauge('extropy_db_pool_waiting', 'Callers that wait for a connection', () => one(pool().waiting)),
    counter('extropy_db_pool_refused_total', 'Callers sent away without a connection', () => one(pool().refused)),
    gauge(
      'extropy_db_lane_connections',
      'Pipelined connections for hot reads',
      lane(({ connections }) => connections),
    ),
    gauge(
      'extropy_db_lane_in_flight',
      'Statements on the pipelined connections',
      lane(({ inFlight }) => inFlight),
    ),
    counter(
      'extropy_db_lane_left_total',
      'Statements that ran elsewhere in the end',
      lane(({ left }) => left),
    ),
    gauge('extropy_db_replica_up', '1 where the replica is read from', () =>
      stats().replicas.map(({ state }, at) => ({ labels: { replica: String(at + 1) }, value: state === 'up' ? 1 : 0 })),
    ),
    gauge('extropy_db_replica_lag_seconds', 'How long ago the primary had what the replica has not replayed', () =>
      stats().replicas.flatMap(({ lagMs }, at) =>
        lagMs === undefined ? [] : [{ labels: { replica: String(at + 1) }, value: lagMs / 1000 }],
      ),
    ),
    counter('extropy_replica_reads_total', 'Reads by where they ended: all but the served ones on the primary', () => {
      const { served, notBegun, outdated, failed } = reads?.counts() ?? {}
      return served === undefined
        ? []
        : by('outcome', { served, not_begun: notBegun, outdated, failed } as Record<string, number>)
    }),
    counter('extropy_db_replica_reads_total', 'Reads answered from the replica', () =>
      stats().replicas.map(({ served }, at) => ({ labels: { replica: String(at + 1) }, value: served })),
    ),
  ]
}

/** Without samples where this process runs no jobs. The queue's figures are of all servers together, read every two seconds. */
export function jobMetrics(stats: () => WorkerStats | undefined): SampledMetric[] {
  const queue = (read: (queue: NonNullable<WorkerStats['queue']>) => readonly Sample[]) => () => {
    const found = stats()?.queue
    return found === undefined ? [] : read(found)
  }
  return [
    gauge(
      'extropy_jobs',
      'Jobs that wait, run, or have failed and are kept',
      queue(({ queued, running, failed }) => by('state', { queued, running, failed })),
      'max',
    ),
    gauge(
      'extropy_jobs_oldest_waiting_seconds',
      'How long the job that was due first has waited',
      queue(({ oldestWaitingSeconds }) => one(oldestWaitingSeconds)),
      'max',
    ),
    gauge('extropy_jobs_running_here', 'Jobs that this process runs', () => {
      const found = stats()
      return found === undefined ? [] : one(found.runningHere)
    }),
    counter('extropy_job_runs_total', 'Runs that ended in this process; queued: to be tried again', () =>
      [...(stats()?.ended.values() ?? [])].map(({ kind, status, count }) => ({
        labels: { kind, status },
        value: count,
      })),
    ),
  ]
}

/** Without samples where this process fetches nothing. Sources are those of all servers together. */
export function intakeMetrics(deps: Pick<Deps, 'db' | 'databaseStats' | 'intake'>): SampledMetric[] {
  const stats = (read: (stats: IntakeStats) => readonly Sample[]) => () =>
    deps.intake === undefined ? [] : read(deps.intake.stats())
  return [
    gauge(
      'extropy_sources',
      'Sources by status',
      // Without a database the other metrics are all the more of interest.
      async () => by('status', await findSourceStats(deps).catch(() => ({}))),
      'max',
    ),
    counter(
      'extropy_fetches_total',
      'Requests to other servers by what came of them',
      stats(({ fetches }) => by('outcome', Object.fromEntries(fetches))),
    ),
    gauge(
      'extropy_lanes',
      'Requests that wait for their turn at a host, and those in flight',
      stats(({ lanes: { waiting, held } }) => by('state', { waiting, held })),
    ),
  ]
}

export function cacheMetrics(cache: Cache): SampledMetric[] {
  const invalidations = new Map<string, { readonly labels: Record<string, string>; value: number }>()
  cache.events.on('invalidate', ({ what, reach }) => {
    const labels = { kind: what === 'all' ? 'clear' : 'purge', reach }
    const key = `${labels.kind} ${reach}`
    const counted = invalidations.get(key) ?? { labels, value: 0 }
    counted.value += 1
    invalidations.set(key, counted)
  })
  const stats = () => cache.stats()
  return [
    counter('extropy_cache_reads_total', 'Reads of the cache', () => {
      const { hits, staleHits, misses } = stats()
      return by('result', { hit: hits, stale: staleHits, miss: misses })
    }),
    counter('extropy_cache_stores_total', 'Entries stored', () => one(stats().stores)),
    counter('extropy_cache_refused_stores_total', 'Not stored: what they were read from had changed', () =>
      one(stats().refused),
    ),
    counter('extropy_cache_load_failures_total', 'Loads that failed', () => one(stats().loadFailures)),
    counter('extropy_cache_evictions_total', 'Entries that left', () => by('cause', { ...stats().evictions })),
    counter('extropy_cache_invalidations_total', 'Invalidations begun here', () => [...invalidations.values()]),
    gauge(
      'extropy_cache_in_touch',
      '1 where every change is heard of; 0: nothing is answered from the cache',
      () => one(stats().inTouch ? 1 : 0),
      'min',
    ),
    gauge('extropy_cache_entries', 'Entries in memory', () => one(stats().entries)),
    gauge('extropy_cache_bytes', 'Bytes in memory', () => one(stats().bytes)),
    gauge('extropy_cache_max_entries', 'Entries that there is room for', () => one(stats().maxEntries)),
    gauge('extropy_cache_max_bytes', 'Bytes that there is room for', () => one(stats().maxBytes)),
    ...sharedCacheMetrics(cache),
  ]
}

/** Metrics of the shared store, without samples where there is none. */
function sharedCacheMetrics(cache: Cache): SampledMetric[] {
  type Shared = NonNullable<ReturnType<Cache['stats']>['shared']>
  const shared = (read: (shared: Shared) => readonly Sample[]) => () => {
    const found = cache.stats().shared
    return found === undefined ? [] : read(found)
  }
  return [
    gauge(
      'extropy_cache_shared_online',
      '1 where the shared store can be used',
      shared(({ state }) => one(state === 'online' ? 1 : 0)),
      'min',
    ),
    gauge(
      'extropy_cache_shared_breaker_open',
      '1 where the shared store is not even tried',
      shared(({ breaker }) => one(breaker === 'open' ? 1 : 0)),
      'max',
    ),
    gauge(
      'extropy_cache_shared_pending_invalidations',
      'Invalidations that the shared store has not heard of',
      shared(({ pending }) => one(pending)),
    ),
    counter(
      'extropy_cache_shared_reads_total',
      'Reads of the shared store',
      shared(({ hits, misses, followed }) => by('result', { hit: hits, miss: misses, followed })),
    ),
    counter(
      'extropy_cache_shared_failures_total',
      'Uses of the shared store that came to nothing',
      shared(({ failures, timeouts, skipped }) => by('kind', { failure: failures, timeout: timeouts, skipped })),
    ),
    counter(
      'extropy_cache_shared_lapses_total',
      'Times that the lease or the connection was lost',
      shared(({ lapses }) => one(lapses)),
    ),
  ]
}

function gauge(
  name: string,
  help: string,
  read: SampledMetric['read'],
  together: NonNullable<SampledMetric['together']> = 'sum',
): SampledMetric {
  return { name, help, type: 'gauge', read, together }
}

function counter(name: string, help: string, read: SampledMetric['read']): SampledMetric {
  return { name, help, type: 'counter', read }
}
