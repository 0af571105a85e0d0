import { mkdir, writeFile } from 'node:fs/promises'
import type { GoalName } from './goals.ts'

/** One figure of a run. A case prints and records the same numbers. */
export interface Measurement {
  readonly suite: string
  /** The work, the same for all contenders: `a hit, 1,000 keys`. */
  readonly name: string
  /** This project's part, a peer, or a limit such as bare node:http. */
  readonly contender: string
  /** `ms`, `ns`, `requests/s`, `MB`, …: the unit of `value` and `samples`. */
  readonly unit: string
  /** The median of the rounds, where there were several. */
  readonly value: number
  /** Single observations or rounds, in any order; saved as at most 200 quantiles of them. */
  readonly samples?: readonly number[]
  /** A limit that no peer can beat. */
  readonly limit?: boolean
  /** Bounds that the figure is held to: see goals.ts. */
  readonly goals?: readonly GoalName[]
  /** The contender that `ratio` divides by: value of this / value of that, the median of the rounds' own ratios. */
  readonly ratioTo?: string
  readonly ratio?: number
  /** 95 % interval of the ratio, or of the value where there is no ratio. */
  readonly interval?: readonly [number, number]
  /** The place on a plot's horizontal axis, and the unit of that axis: 100_000 `rows`, 16 `callers`, 12 `s`. */
  readonly at?: number
  readonly atUnit?: string
}

/** The facts that give a figure its weight, taken when the run began: later commits and programs are not what was measured. */
export interface Circumstances {
  readonly machine: { readonly cores: number; readonly cpu: string; readonly memoryGiB: number }
  readonly versions: Readonly<Record<string, string>>
  readonly commit: string
  readonly busyShare: number
  readonly busy: boolean
}

export interface ResultFile extends Circumstances {
  readonly suite: string
  /** The part of the suite that ran, where it was not the whole. */
  readonly part?: string | undefined
  readonly quick: boolean
  readonly startedAt: string
  readonly seconds: number
  /** How much data it ran on, in words: `210,000 cards, 438 MB`. */
  readonly data: readonly string[]
  readonly skipped: readonly string[]
  readonly measurements: readonly Measurement[]
}

export const resultsFolder = new URL('../results/', import.meta.url)
const keptSamples = 200

/** Of this process, in the order of their measuring. */
export const recorded: Measurement[] = []
const data = new Set<string>()
const skipped = new Set<string>()

export function record(measurement: Measurement): void {
  recorded.push(measurement)
}

/** Says on how much data the figures were measured. */
export function recordData(description: string): void {
  data.add(description)
}

/** Prints the one line that each part left out gets, and keeps it for the report. `why` names the missing thing. */
export function skip(part: string, why: string): void {
  skipped.add(`${part}: ${why}`)
  process.stdout.write(`Left out: ${part} (${why}).\n`)
}

/** Writes the recorded figures to `bench/results/SUITE.json`, or `SUITE-PART.json`; writes no file where there are none. */
export async function saveResults(run: Circumstances & Pick<ResultFile, 'suite' | 'part' | 'quick' | 'startedAt'>) {
  if (recorded.length === 0) return
  const seconds = Math.round((Date.now() - Date.parse(run.startedAt)) / 1000)
  const measurements = recorded.map((each) => (each.samples ? { ...each, samples: quantilesOf(each.samples) } : each))
  const file: ResultFile = { ...run, seconds, data: [...data], skipped: [...skipped], measurements }
  await mkdir(resultsFolder, { recursive: true })
  const name = run.part === undefined ? run.suite : `${run.suite}-${run.part}`
  // Five digits are more than any of these figures has.
  const short = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
  await writeFile(new URL(`${name}.json`, resultsFolder), `${JSON.stringify(file, short, 1)}\n`)
}

function quantilesOf(samples: readonly number[]): number[] {
  const sorted = samples.toSorted((a, b) => a - b)
  if (sorted.length <= keptSamples) return sorted
  const at = (n: number) => sorted[Math.round((n * (sorted.length - 1)) / (keptSamples - 1))] ?? Number.NaN
  return Array.from({ length: keptSamples }, (_, n) => at(n))
}
