import { readdirSync } from 'node:fs'
import { BadCallError, type BenchCase } from './bench-case.ts'

/** The suites of a plain `pnpm bench`, in this order; the others run when named: they take long or need more than a server. */
const ofEveryRun = ['cache', 'db', 'ledger', 'http', 'retrieval', 'growth', 'before-after']

const known = readdirSync(new URL('./cases/', import.meta.url))
  .map((file) => file.replace('.bench.ts', ''))
  .sort()

/** @throws BadCallError for a name that no file in `cases/` has. */
export function suitesToRun(name: string | undefined): readonly string[] {
  if (name === undefined) return ofEveryRun
  if (known.includes(name)) return [name]
  throw new BadCallError(`no suite is named ${name}; there is: ${known.join(', ')}, report, compare`)
}

export async function loadSuite(name: string): Promise<BenchCase> {
  return ((await import(`./cases/${name}.bench.ts`)) as { bench: BenchCase }).bench
}
