import { existsSync } from 'node:fs'
import { BadCallError } from '../bench-case.ts'
import type { Measurement } from '../results.ts'
import { table } from '../table.ts'
import { type CommitOptions, measureCommits } from './commits.ts'
import { readResultFile } from './files.ts'
import { type Compared, compareMeasurements } from './measurements.ts'

interface CompareOptions {
  readonly suite: unknown
  readonly part: unknown
  readonly rounds: unknown
  readonly quick: boolean
}

/** `pnpm bench compare A B`: two result files, or two commits, which are then measured here, in turns. */
export async function compare(names: readonly string[], options: CompareOptions): Promise<number> {
  const [a, b, ...others] = names
  if (a === undefined || b === undefined || others.length > 0) {
    throw new BadCallError('compare takes two result files, or two commits and --suite NAME')
  }
  const [before = [], after = []] =
    existsSync(a) && existsSync(b) ? [await readResultFile(a), await readResultFile(b)] : await measure(a, b, options)
  print(compareMeasurements(before, after), [a, b])
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

function print(compared: readonly Compared[], [a, b]: readonly [string, string]): void {
  if (compared.length === 0) throw new BadCallError('the two have no measurement in common')
  const rows = compared.map(({ label, unit, before, after, ratio, interval }) => [
    label,
    `${short(before)} ${unit}`,
    `${short(after)} ${unit}`,
    ratio.toFixed(3),
    interval === undefined ? 'one round' : `${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}`,
  ])
  process.stdout.write(table(['', a, b, `${b} / ${a}`, '95 % interval'], rows))
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 })
}
