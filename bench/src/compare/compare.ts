import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { BadCallError } from '../bench-case.ts'
import { loadResults } from '../report/load-results.ts'
import type { Measurement, ResultFile } from '../results.ts'
import { table } from '../table.ts'
import { measureCommits } from './commits.ts'
import { compareMeasurements, compareRatios } from './measurements.ts'

interface CompareOptions {
  readonly suite?: string
  readonly part?: string
  readonly rounds?: string
  readonly quick: boolean
}

/** Two runs that measured the same agree on their own ratios within this much, as a share. */
const agreement = 0.1

/** `pnpm bench compare A B`: two result files, two folders of them, or two commits, which are then measured here, in turns. */
export async function compare(names: readonly string[], options: CompareOptions): Promise<number> {
  const [a, b, ...others] = names
  if (a === undefined || b === undefined || others.length > 0) {
    throw new BadCallError('compare takes two result files, two folders of them, or two commits and --suite NAME')
  }
  const isFiles = existsSync(a) && existsSync(b)
  const [before = [], after = []] = isFiles ? [[await read(a)], [await read(b)]] : await measure(a, b, options)
  const figures = compareMeasurements(before, after)
  if (figures.length === 0) throw new BadCallError('the two have no measurement in common')
  const rows = figures.map(({ label, unit, before: was, after: is, ratio, interval }) => [
    label,
    `${short(was)} ${unit}`,
    `${short(is)} ${unit}`,
    ratio.toFixed(3),
    interval?.map((bound) => bound.toFixed(3)).join(' to ') ?? 'one round',
  ])
  process.stdout.write(`A: ${a}\nB: ${b}\n\n${table(['', 'A', 'B', 'B / A', '95 % interval'], rows)}`)
  const ratios = compareRatios(before, after).map(({ label, before: was, after: is }) => {
    const far = Math.abs(is / was - 1) > agreement ? 'over 10 % apart' : ''
    return [label, short(was), short(is), (is / was).toFixed(3), far]
  })
  if (ratios.length === 0) return 0
  const near = ratios.filter(([, , , , far]) => far === '').length
  process.stdout.write(`\n### Each run's own ratios\n${table(['', 'A', 'B', 'B / A', ''], ratios)}`)
  process.stdout.write(`${near} of ${ratios.length} are within 10 % of each other.\n`)
  return 0
}

function measure(a: string, b: string, { suite, part, rounds = '3', quick }: CompareOptions) {
  if (suite === undefined) throw new BadCallError('two commits are compared by a suite: --suite NAME')
  if (!/^[1-9]\d?$/.test(rounds)) throw new BadCallError(`--rounds must be from 1 to 99, not ${rounds}`)
  return measureCommits([a, b], { suite, part, rounds: Number(rounds), quick })
}

/** The measurements of a result file, or of all that a folder has: of a suite and a part of it, the later one counts, as in a report. */
async function read(path: string): Promise<readonly Measurement[]> {
  if ((await stat(path)).isDirectory()) {
    const { figures } = await loadResults(pathToFileURL(`${path}/`))
    if (figures.length === 0) throw new BadCallError(`${path} has no result files`)
    return figures
  }
  try {
    const { measurements } = JSON.parse(await readFile(path, 'utf8')) as ResultFile
    if (Array.isArray(measurements)) return measurements
  } catch (error) {
    throw new BadCallError(`${path} can't be read: ${(error as Error).message}`)
  }
  throw new BadCallError(`${path} holds no results`)
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 })
}
