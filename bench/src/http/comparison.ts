import { ratioOfRounds, recordRounds } from '../ratio.ts'
import { table } from '../table.ts'
import { median, type Series } from './rounds.ts'

/** A ratio that a case is about: how fast `of` is, in `to`s. */
export interface Comparison {
  readonly of: string
  readonly to: string
  readonly atLeast?: number | undefined
}

interface Kind {
  readonly suite: string
  readonly unit: string
}

export const http: Kind = { suite: 'http', unit: 'requests/s' }

/** Prints what each did, and each comparison with its goal; records the same numbers. */
export function reportSeries(
  kind: Kind,
  name: string,
  all: readonly Series[],
  comparisons: readonly Comparison[],
): void {
  process.stdout.write(`\n### ${name}\n`)
  process.stdout.write(
    table(
      ['', 'per second', 'CPU µs each', 'p50 ms', 'p99 ms'],
      all.map((series) => [
        series.isLimit ? `${series.name} (limit)` : series.name,
        Math.round(median(series.perSecond)).toLocaleString('en'),
        orNone(series.cpuMicros, 1),
        orNone(series.p50Ms, 2),
        orNone(series.p99Ms, 2),
      ]),
    ),
  )
  const find = (contender: string) => all.find((series) => series.name === contender)
  for (const { of, to, atLeast } of comparisons) {
    const [one, other] = [find(of), find(to)]
    if (one === undefined || other === undefined) continue
    const { ratio, interval } = ratioOfRounds(one.perSecond, other.perSecond)
    const goal = atLeast === undefined ? '' : `; goal ≥ ${atLeast}: ${ratio >= atLeast ? 'met' : 'MISSED'}`
    const byCpu =
      one.cpuMicros.length > 0 && other.cpuMicros.length > 0
        ? `; by CPU time ${(median(other.cpuMicros) / median(one.cpuMicros)).toPrecision(2)}`
        : ''
    process.stdout.write(
      `${of} / ${to}: ${ratio.toPrecision(3)} (${interval.map((bound) => bound.toPrecision(3)).join(' to ')})${byCpu}${goal}\n`,
    )
  }
  for (const series of all) recordSeries(kind, name, series, comparisons, find)
}

function recordSeries(
  { suite, unit }: Kind,
  name: string,
  series: Series,
  comparisons: readonly Comparison[],
  find: (contender: string) => Series | undefined,
): void {
  const { name: contender, isLimit, perSecond, cpuMicros } = series
  const own = comparisons.filter(({ of }) => of === contender)
  const comparison = own.find(({ atLeast }) => atLeast !== undefined) ?? own[0]
  const other = comparison && find(comparison.to)
  recordRounds({
    suite,
    name,
    contender,
    unit,
    rounds: perSecond,
    against: other && { contender: other.name, rounds: other.perSecond },
    ...(isLimit ? { limit: true } : {}),
    ...(comparison?.atLeast === undefined ? {} : { goal: `≥ ${comparison.atLeast}` }),
  })
  if (cpuMicros.length === 0) return
  recordRounds({ suite, name: `${name}, CPU time`, contender, unit: 'µs', rounds: cpuMicros })
}

function orNone(samples: readonly number[], digits: number): string {
  return samples.length === 0 ? '' : median(samples).toFixed(digits)
}
