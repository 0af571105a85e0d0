import type { CacheStatus, Door, ProcedureLatency } from '@extropy/api'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { addOne, LatencyHistogram, quantilesOf } from './latency.ts'

/** The label of every path that is no procedure's: a scanner's ten thousand guesses are one series. */
export const otherProcedure = 'other'

export const doors: readonly Door[] = ['rpc', 'rest']
export const cacheStatuses: readonly CacheStatus[] = ['HIT', 'MISS', 'STALE', 'BYPASS']
const errorCodes = Object.keys(TRPC_ERROR_CODES_BY_KEY) as (keyof typeof TRPC_ERROR_CODES_BY_KEY)[]
/** The ends that a request can have; the last stands for everything else, such as a batch of several outcomes. */
export const outcomes: readonly string[] = ['OK', ...errorCodes, 'OTHER']
const outcomePlaces = new Map(outcomes.map((code, place) => [code, place]))
const otherOutcome = outcomes.length - 1
/** Those that are ours to mend. */
const failurePlaces = errorCodes.flatMap((code) =>
  getHTTPStatusCodeFromError(new TRPCError({ code })) >= 500 ? [outcomePlaces.get(code) ?? otherOutcome] : [],
)

export interface RequestSeries {
  readonly procedure: string
  readonly latency: LatencyHistogram
  /** Counts by door, then by outcome: `door * outcomes.length + outcome`. */
  readonly byOutcome: Float64Array
  readonly byCacheStatus: Float64Array
  /** Failures of ours until the last rotation, and until the one before. */
  failures: { last: number; before: number }
}

/** A procedure's latest requests. */
export interface RecentCounts {
  readonly procedure: string
  readonly errors: number
  /** By latency: see LatencyHistogram. */
  readonly byBucket: Float64Array
}

/** Quantiles of what one process counted, or several did; the busiest procedure first. */
export function latenciesOf(counted: readonly RecentCounts[]): readonly ProcedureLatency[] {
  const byProcedure = Map.groupBy(counted, ({ procedure }) => procedure)
  return [...byProcedure]
    .map(([procedure, parts]) => {
      const [first, ...others] = parts.map(({ byBucket }) => byBucket) as [Float64Array, ...Float64Array[]]
      const sum = first.map((count, bucket) => others.reduce((total, each) => total + (each[bucket] ?? 0), count))
      return { procedure, errors: parts.reduce((total, { errors }) => total + errors, 0), ...quantilesOf(sum) }
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
}

/** Requests by procedure, in arrays that exist from the start: counting one takes no memory. */
export class RequestCounts {
  readonly #series: ReadonlyMap<string, RequestSeries>
  readonly #other = createSeries(otherProcedure)

  constructor(procedures: readonly string[]) {
    this.#series = new Map(procedures.map((procedure) => [procedure, createSeries(procedure)]))
  }

  observe(procedure: string, door: Door, code: string, durationMs: number, cacheStatus?: CacheStatus): void {
    const { latency, byOutcome, byCacheStatus } = this.#series.get(procedure) ?? this.#other
    const outcome = outcomePlaces.get(code) ?? otherOutcome
    addOne(byOutcome, door === 'rpc' ? outcome : outcomes.length + outcome)
    latency.record(durationMs)
    if (cacheStatus !== undefined) addOne(byCacheStatus, cacheStatuses.indexOf(cacheStatus))
  }

  /** Those that were asked for at all. */
  series(): readonly RequestSeries[] {
    return [...this.#series.values(), this.#other].filter(({ byOutcome }) => byOutcome.some((count) => count > 0))
  }

  total(code: string): number {
    const outcome = outcomePlaces.get(code) ?? otherOutcome
    const all = [...this.#series.values(), this.#other]
    return all.reduce((sum, { byOutcome }) => sum + countOf(byOutcome, outcome), 0)
  }

  /** Counts of the last two rotations. */
  recent(): readonly RecentCounts[] {
    return this.series().map(({ procedure, latency, byOutcome, failures }) => ({
      procedure,
      errors: failuresOf(byOutcome) - failures.before,
      byBucket: latency.recentCounts(),
    }))
  }

  rotate(): void {
    for (const series of [...this.#series.values(), this.#other]) {
      series.latency.rotate()
      series.failures = { last: failuresOf(series.byOutcome), before: series.failures.last }
    }
  }
}

function failuresOf(byOutcome: Float64Array): number {
  return failurePlaces.reduce((sum, place) => sum + countOf(byOutcome, place), 0)
}

/** At both doors. */
function countOf(byOutcome: Float64Array, outcome: number): number {
  return (byOutcome[outcome] ?? 0) + (byOutcome[outcomes.length + outcome] ?? 0)
}

function createSeries(procedure: string): RequestSeries {
  return {
    procedure,
    latency: new LatencyHistogram(),
    byOutcome: new Float64Array(doors.length * outcomes.length),
    byCacheStatus: new Float64Array(cacheStatuses.length),
    failures: { last: 0, before: 0 },
  }
}
