import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { CacheStatus, Door } from '@extropy/api'
import { type Deps, type ProcedureLatency, procedures, type WorkerStats } from '@extropy/api'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { boundsMs } from './monitoring/latency.ts'
import { cacheMetrics, databaseMetrics, intakeMetrics, jobMetrics } from './monitoring/part-metrics.ts'
import {
  cacheStatuses,
  doors,
  latenciesOf,
  outcomes,
  type RecentCounts,
  RequestCounts,
} from './monitoring/request-counts.ts'
import { type MetricReport, register, type Sample, type SampledMetric } from './monitoring/samples.ts'
import type { Answers } from './workers/messages.ts'
import { sumMetrics } from './workers/sum-metrics.ts'

export interface Metrics {
  /**
   * Counts one answered request; a batch has one for each of its calls. `code` is `OK` or tRPC's error code. A name that
   * is no procedure's counts as `other`. Allocates nothing, so that a cached answer can afford it.
   */
  observe(procedure: string, door: Door, code: string, durationMs: number, cacheStatus?: CacheStatus): void
  /** The text that Prometheus reads. Scrapes within a second share one text, since the route is open to everyone. */
  text(): Promise<string>
  /** Quantiles of the last five to ten minutes, the busiest procedure first. */
  quantiles(): readonly ProcedureLatency[]
  /** What `quantiles` are made from. */
  recent(): readonly RecentCounts[]
  /** What `text` shows of this process. */
  report(): Promise<readonly MetricReport[]>
  /** The longest that the event loop stood still within the time of `quantiles`, in milliseconds. */
  eventLoopMaxMs(): number
  close(): void
}

interface MetricsDeps extends Pick<Deps, 'cache' | 'db' | 'databaseStats' | 'intake' | 'replicaReads' | 'version'> {
  /** Undefined where this process runs no jobs. */
  readonly jobs?: () => WorkerStats | undefined
}

interface MetricsOptions {
  /** The time after which `text` and `quantiles` are made anew. Default 1000 ms. */
  readonly keepMs?: number
  /** `quantiles` looks back one to two times as far. Default five minutes. */
  readonly rotateMs?: number
  /** The other workers' reports, for a server of several. */
  readonly askOthers?: ((own: readonly MetricReport[]) => Promise<Answers<'metrics'>>) | undefined
}

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE

/** Counts requests, and shows them with the counters of cache, database and process. No label has a caller's data in it. */
export function createMetrics(deps: MetricsDeps, options: MetricsOptions = {}): Metrics {
  const { keepMs = 1000, rotateMs = 300_000, askOthers } = options
  const counts = new RequestCounts([...procedures.keys()])
  const registry = new Registry()
  register(registry, requestMetrics(counts))
  register(registry, cacheMetrics(deps.cache))
  register(registry, databaseMetrics(deps.databaseStats, deps.replicaReads))
  register(registry, jobMetrics(deps.jobs ?? (() => undefined)))
  register(registry, intakeMetrics(deps))
  register(registry, [
    {
      name: 'extropy_build_info',
      help: 'The version',
      type: 'gauge',
      together: 'first',
      read: () => [{ labels: { version: deps.version }, value: 1 }],
    },
  ])
  collectDefaultMetrics({ register: registry })
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs })
  delay.enable()
  let delayBeforeMs = 0
  const rotation = setInterval(() => {
    counts.rotate()
    delayBeforeMs = delayMs(delay)
    delay.reset()
  }, rotateMs).unref()
  const report = async () => (await registry.getMetricsAsJSON()) as unknown as readonly MetricReport[]
  const textOfAll = async (ask: NonNullable<typeof askOthers>) => {
    const own = await report()
    const { crew, reports } = await ask(own)
    return sumMetrics([own, ...reports, await reportOf(crewMetrics(crew))]).metrics()
  }
  const text = kept(keepMs, () => (askOthers === undefined ? registry.metrics() : textOfAll(askOthers)))
  const quantiles = kept(keepMs, () => latenciesOf(counts.recent()))
  return {
    observe: (procedure, door, code, durationMs, cacheStatus) =>
      counts.observe(procedure, door, code, durationMs, cacheStatus),
    text,
    quantiles,
    recent: () => counts.recent(),
    report,
    eventLoopMaxMs: () => Math.max(delayBeforeMs, delayMs(delay)),
    close() {
      clearInterval(rotation)
      delay.disable()
    },
  }
}

/** The loop's own timer takes so long; what is beyond it is delay. */
const delayResolutionMs = 20

const delayMs = ({ max }: { readonly max: number }) => Math.max(0, max / 1e6 - delayResolutionMs)

/** Counted by the primary process, which has no registry of its own. */
function crewMetrics({ ready, ends, replacements }: Answers['crew']): readonly SampledMetric[] {
  return [
    { name: 'extropy_workers', help: 'Processes that serve', type: 'gauge', read: () => [{ value: ready }] },
    {
      name: 'extropy_worker_ends_total',
      help: 'Workers that ended without having been asked to, and were started again',
      type: 'counter',
      read: () => [{ value: ends }],
    },
    {
      name: 'extropy_worker_replacements_total',
      help: 'Workers whose place another one took at a reload',
      type: 'counter',
      read: () => [{ value: replacements }],
    },
  ]
}

async function reportOf(metrics: readonly SampledMetric[]): Promise<readonly MetricReport[]> {
  const registry = new Registry()
  register(registry, metrics)
  return (await registry.getMetricsAsJSON()) as unknown as readonly MetricReport[]
}

function kept<Value>(forMs: number, make: () => Value): () => Value {
  let last: { readonly value: Value; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now >= last.until) last = { value: make(), until: now + forMs }
    return last.value
  }
}

function requestMetrics(counts: RequestCounts): SampledMetric[] {
  return [
    {
      name: 'extropy_requests_total',
      help: 'Answered requests; the calls of a batch count one by one',
      type: 'counter',
      read: () => counts.series().flatMap(outcomeSamples),
    },
    {
      name: 'extropy_request_duration_seconds',
      help: 'How long answers took; the calls of a batch share its time',
      type: 'histogram',
      read: () => counts.series().flatMap(latencySamples),
    },
    {
      name: 'extropy_response_cache_total',
      help: 'Answers by what the cache had to do with them',
      type: 'counter',
      read: () => counts.series().flatMap(cacheSamples),
    },
    {
      name: 'extropy_rate_limit_refusals_total',
      help: 'Requests refused with 429',
      type: 'counter',
      read: () => [{ value: counts.total('TOO_MANY_REQUESTS') }],
    },
  ]
}

type Series = ReturnType<RequestCounts['series']>[number]

function outcomeSamples({ procedure, byOutcome }: Series): Sample[] {
  return doors.flatMap((door, d) =>
    outcomes.flatMap((code, place) => {
      const value = byOutcome[d * outcomes.length + place] ?? 0
      return value === 0 ? [] : [{ labels: { procedure, door, code }, value }]
    }),
  )
}

function latencySamples({ procedure, latency }: Series): Sample[] {
  const name = 'extropy_request_duration_seconds'
  const { upTo, count } = latency.cumulative()
  return [
    ...boundsMs.map((bound, n) => ({
      metricName: `${name}_bucket`,
      labels: { le: bound / 1000, procedure },
      value: upTo[n] ?? 0,
    })),
    { metricName: `${name}_bucket`, labels: { le: '+Inf', procedure }, value: count },
    { metricName: `${name}_sum`, labels: { procedure }, value: latency.sumMs / 1000 },
    { metricName: `${name}_count`, labels: { procedure }, value: count },
  ]
}

function cacheSamples({ procedure, byCacheStatus }: Series): Sample[] {
  return cacheStatuses.flatMap((status, place) => {
    const value = byCacheStatus[place] ?? 0
    return value === 0 ? [] : [{ labels: { procedure, status: status.toLowerCase() }, value }]
  })
}
