import type { GoalName } from './goals.ts'
import { median, ratioOfRounds } from './ratio.ts'
import { type Measurement, record } from './results.ts'
import { table } from './table.ts'

/** A contender's result of one round. */
export interface Sample {
  /** In the trial's unit: a rate, or a time. */
  readonly value: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** The processor time of one request or query, over all threads of the contender's process. */
  readonly cpuMicros?: number | undefined
  /** Single observations, where `value` is made of them. */
  readonly samples?: readonly number[]
}

export interface Contender {
  readonly name: string
  /** A limit that no peer can beat. */
  readonly isLimit?: boolean
  /** One round. */
  measure(seconds: number): Promise<Sample>
}

export interface RoundOptions {
  readonly rounds: number
  readonly seconds: number
  /** Default 0: no round is left out. */
  readonly warmUpSeconds?: number
}

/** A ratio that a trial is about: `of` in `to`s. */
interface Comparison {
  readonly of: string
  readonly to: string
  readonly goals?: readonly (GoalName | undefined)[]
}

export type Trial = Pick<Measurement, 'suite' | 'name' | 'unit' | 'at' | 'atUnit'> &
  RoundOptions & {
    readonly contenders: readonly Contender[]
    readonly comparisons: readonly Comparison[]
  }

/** A contender's rounds, in their order. */
export interface Series extends Omit<Contender, 'measure'> {
  readonly rounds: readonly Sample[]
}

/** Measures all in turn, prints each one's figures and the ratios, and records the same numbers. */
export async function runTrial(trial: Trial): Promise<void> {
  const all = await measureInTurns(trial.contenders, trial)
  print(trial, all)
  recordSeries(trial, all)
}

/** Warms each up, then measures them in turn, beginning at another one each round, so that a disturbance affects all alike. */
export async function measureInTurns(
  contenders: readonly Contender[],
  { rounds, seconds, warmUpSeconds = 0 }: RoundOptions,
): Promise<Series[]> {
  const samples = contenders.map((): Sample[] => [])
  if (warmUpSeconds > 0) for (const { measure } of contenders) await measure(warmUpSeconds)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (round + turn) % contenders.length
      samples[at]?.push(await (contenders[at] as Contender).measure(seconds))
    }
  }
  return contenders.map(({ measure, ...rest }, at) => ({ ...rest, rounds: samples[at] ?? [] }))
}

const valuesOf = (series: Series | undefined): number[] => series?.rounds.map(({ value }) => value) ?? []

/**
 * Records `recorded`, all of them by default. A contender's first comparison goes with its value; each further one is a
 * measurement of its own. The processor time is another one.
 */
export function recordSeries(
  { suite, name, unit, at, atUnit, comparisons }: Omit<Trial, 'contenders' | keyof RoundOptions>,
  all: readonly Series[],
  recorded = all,
): void {
  for (const series of recorded) {
    const { name: contender, isLimit, rounds } = series
    const values = valuesOf(series)
    const samples = rounds.flatMap((round) => round.samples ?? [])
    const measured = { suite, contender, unit, value: median(values), ...(at === undefined ? {} : { at, atUnit }) }
    const compared = comparisons
      .filter(({ of, to }) => of === contender && all.some((other) => other.name === to))
      .map(({ to, goals = [] }) => ({
        ratioTo: to,
        ...ratioOfRounds(values, valuesOf(all.find((other) => other.name === to))),
        goals: goals.filter((goal) => goal !== undefined),
      }))
    const [first, ...others] = compared
    record({
      ...measured,
      name,
      samples: samples.length === 0 ? values : samples,
      ...(isLimit ? { limit: true } : {}),
      ...first,
    })
    for (const other of others) record({ ...measured, name: `${name}, against ${other.ratioTo}`, ...other })
    const cpu = rounds.flatMap(({ cpuMicros }) => cpuMicros ?? [])
    if (cpu.length > 0)
      record({ suite, contender, name: `${name}, CPU time`, unit: 'µs', value: median(cpu), samples: cpu })
  }
}

/** The median over the rounds that have it; NaN where none has. */
export function middleOf({ rounds }: Series, of: 'value' | 'cpuMicros' | 'p50Ms' | 'p99Ms'): number {
  return median(rounds.flatMap((round) => round[of] ?? []))
}

function print({ name, unit, comparisons }: Trial, all: readonly Series[]): void {
  const cell = (value: number, digits: number) => (Number.isNaN(value) ? '' : value.toFixed(digits))
  const rows = all.map((series) => [
    series.isLimit ? `${series.name} (limit)` : series.name,
    middleOf(series, 'value').toLocaleString('en', { maximumSignificantDigits: 5 }),
    cell(middleOf(series, 'cpuMicros'), 1),
    cell(middleOf(series, 'p50Ms'), 2),
    cell(middleOf(series, 'p99Ms'), 2),
  ])
  process.stdout.write(`\n### ${name}\n${table(['', unit, 'CPU µs each', 'p50 ms', 'p99 ms'], rows)}`)
  for (const { of, to } of comparisons) {
    const [one, other] = [of, to].map((each) => all.find((series) => series.name === each))
    if (one === undefined || other === undefined) continue
    const { ratio, interval } = ratioOfRounds(valuesOf(one), valuesOf(other))
    const byCpu = middleOf(other, 'cpuMicros') / middleOf(one, 'cpuMicros')
    process.stdout.write(
      `${of} / ${to}: ${ratio.toPrecision(3)} (${interval.map((bound) => bound.toPrecision(3)).join(' to ')})${Number.isNaN(byCpu) ? '' : `; by CPU time ${byCpu.toPrecision(2)}`}\n`,
    )
  }
}
