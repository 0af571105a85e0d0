import { existsSync } from 'node:fs'
import { BadCallError } from '../bench-case.ts'
import type { Measurement } from '../results.ts'
import { table } from '../table.ts'
import { type CommitOptions, measureCommits } from './commits.ts'
import { readResults } from './files.ts'
import { type Compared, type ComparedRatio, compareMeasurements, compareRatios } from './measurements.ts'

interface CompareOptions {
  readonly suite: unknown
  readonly part: unknown
  readonly rounds: unknown
  readonly quick: boolean
}

/** `pnpm bench compare A B`: two result files, two folders of them, or two commits, which are then measured here, in turns. */
export async function compare(names: readonly string[], options: CompareOptions): Promise<number> {
  const [a, b, ...others] = names
  if (a === undefined || b === undefined || others.length > 0) {
    throw new BadCallError('compare takes two result files, two folders of them, or two commits and --suite NAME')
  }
  const [before = [], after = []] =
    existsSync(a) && existsSync(b) ? [await readResults(a), await readResults(b)] : await measure(a, b, options)
  const figures = figuresTable(compareMeasurements(before, after))
  process.stdout.write(`A: ${a}\nB: ${b}\n\n${figures}${ratiosTable(compareRatios(before, after))}`)
  return 0
}

function measure(
  a: string,
  b: string,
  { suite, part, rounds = '3', quick }: CompareOptions,
): Promise<Measurement[][][]> {
  if (typeof suite !== 'string') throw new BadCallError('two commits are compared by a suite: --suite NAME')
  if (!/^[1-9]\d?$/.test(String(rounds))) throw new BadCallError(`--rounds must be from 1 to 99, not ${rounds}`)
  const asked: CommitOptions = {
    suite,
    part: typeof part === 'string' ? part : undefined,
    rounds: Number(rounds),
    quick,
  }
  return measureCommits([a, b], asked)
}

function figuresTable(compared: readonly Compared[]): string {
  if (compared.length === 0) throw new BadCallError('the two have no measurement in common')
  const rows = compared.map(({ label, unit, before, after, ratio, interval }) => [
    label,
    `${short(before)} ${unit}`,
    `${short(after)} ${unit}`,
    ratio.toFixed(3),
    interval === undefined ? 'one round' : `${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}`,
  ])
  return table(['', 'A', 'B', 'B / A', '95 % interval'], rows)
}

/** Two runs that measured the same agree on these within this much, as a share. */
const agreement = 0.1

function ratiosTable(compared: readonly ComparedRatio[]): string {
  if (compared.length === 0) return ''
  const rows = compared.map(({ label, before, after }) => {
    const ratio = after / before
    const far = Math.abs(ratio - 1) > agreement ? 'over 10 % apart' : ''
    return [label, short(before), short(after), ratio.toFixed(3), far]
  })
  const near = rows.filter(([, , , , far]) => far === '').length
  return `\n### Each run's own ratios\n${table(['', 'A', 'B', 'B / A', ''], rows)}${near} of ${rows.length} are within 10 % of each other.\n`
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 })
}
