import { mkdir, writeFile } from 'node:fs/promises'
import type { Circumstances } from './circumstances.ts'

/** One figure of a run. What a case prints and what it records are the same numbers. */
export interface Measurement {
  readonly suite: string
  /** What was done, the same for all contenders: `a hit, 1,000 keys`. */
  readonly name: string
  /** Who did it: this project's part, a peer, or a limit such as bare node:http. */
  readonly contender: string
  /** `ms`, `ns`, `requests/s`, `MB`, …: the unit of `value` and `samples`. */
  readonly unit: string
  /** The median of the rounds, where there were several. */
  readonly value: number
  /** Single observations or rounds, in any order; saved as at most 200 quantiles of them. */
  readonly samples?: readonly number[]
  /** Not a peer, but what no peer can beat. */
  readonly limit?: boolean
  /** `≥ 0.8`, `≤ 2`, `= 1`: of `ratio` where there is one, of `value` otherwise. */
  readonly goal?: string
  /** The contender that `ratio` divides by: value of this / value of that, the median of the rounds' own ratios. */
  readonly ratioTo?: string
  readonly ratio?: number
  /** 95 % interval of the ratio, or of the value where there is no ratio. */
  readonly interval?: readonly [number, number]
  /** Where a plot puts it on its horizontal axis, and what that axis counts: 100_000 `rows`, 16 `callers`, 12 `s`. */
  readonly at?: number
  readonly atUnit?: string
}

export interface ResultFile extends Circumstances {
  readonly suite: string
  /** The part of the suite that ran, where it was not the whole. */
  readonly part?: string
  readonly quick: boolean
  readonly startedAt: string
  readonly seconds: number
  /** How much data it ran on, in words: `210,000 cards, 438 MB`. */
  readonly data: readonly string[]
  readonly skipped: readonly string[]
  readonly measurements: readonly Measurement[]
}

export interface RunOfSuite {
  readonly suite: string
  readonly part?: string | undefined
  readonly quick: boolean
  readonly startedAt: Date
  /** As they were when the run began: what is committed or started meanwhile is not what was measured. */
  readonly circumstances: Circumstances
}

export const resultsFolder = new URL('../results/', import.meta.url)
const keptSamples = 200

const recorded: Measurement[] = []
const data = new Set<string>()
const skipped = new Set<string>()

export function record(measurement: Measurement): void {
  recorded.push(measurement)
}

/** Says on how much data the figures were measured. */
export function recordData(description: string): void {
  data.add(description)
}

/** Prints the one line that each part left out gets, and keeps it for the report. `why` names what is missing. */
export function skip(part: string, why: string): void {
  skipped.add(`${part}: ${why}`)
  process.stdout.write(`Left out: ${part} (${why}).\n`)
}

/** Writes what was recorded to `bench/results/SUITE.json`, or `SUITE-PART.json`; nothing where nothing was. */
export async function saveResults({ suite, part, quick, startedAt, circumstances }: RunOfSuite): Promise<void> {
  if (recorded.length === 0) return
  const file: ResultFile = {
    suite,
    ...(part === undefined ? {} : { part }),
    quick,
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    ...circumstances,
    data: [...data],
    skipped: [...skipped],
    measurements: recorded.map(withFewSamples),
  }
  await mkdir(resultsFolder, { recursive: true })
  const name = part === undefined ? suite : `${suite}-${part}`
  await writeFile(new URL(`${name}.json`, resultsFolder), `${JSON.stringify(file, undefined, 1)}\n`)
}

function withFewSamples(measurement: Measurement): Measurement {
  const { samples } = measurement
  if (samples === undefined) return rounded(measurement)
  const sorted = [...samples].sort((a, b) => a - b)
  if (sorted.length <= keptSamples) return rounded({ ...measurement, samples: sorted })
  const at = (n: number) => sorted[Math.round((n * (sorted.length - 1)) / (keptSamples - 1))] ?? Number.NaN
  return rounded({ ...measurement, samples: Array.from({ length: keptSamples }, (_, n) => at(n)) })
}

/** Five digits are more than any of these figures has. */
function rounded(measurement: Measurement): Measurement {
  const short = (value: number) => Number(value.toPrecision(5))
  const { value, samples, ratio, interval } = measurement
  return {
    ...measurement,
    value: short(value),
    ...(ratio === undefined ? {} : { ratio: short(ratio) }),
    ...(interval === undefined ? {} : { interval: [short(interval[0]), short(interval[1])] }),
    ...(samples === undefined ? {} : { samples: samples.map(short) }),
  }
}
