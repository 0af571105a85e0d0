import { readdirSync } from 'node:fs'
import { BadCallError, type BenchCase } from './bench-case.ts'

/** What `pnpm bench` runs, in this order; the others run when they are named, for they take long or need more than a server. */
const ofEveryRun = ['cache', 'db', 'ledger', 'http', 'retrieval', 'queries', 'growth', 'before-after']
/** A quick run has no time for these. */
export const leftOutOfQuick = ['queries']

const known = readdirSync(new URL('./cases/', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .sort()

/** @throws BadCallError for a name that no file in `cases/` has. */
export function suitesToRun(name: string | undefined, quick: boolean): readonly string[] {
  if (name === undefined)
    return ofEveryRun.filter((suite) => known.includes(suite) && !(quick && leftOutOfQuick.includes(suite)))
  if (!known.includes(name)) {
    throw new BadCallError(`no suite is named ${name}; there is: ${known.join(', ')}, report, compare`)
  }
  return [name]
}

export async function loadSuite(name: string): Promise<BenchCase> {
  return ((await import(`./cases/${name}.bench.ts`)) as { bench: BenchCase }).bench
}
