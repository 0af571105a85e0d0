import { readSamples, scaleReads } from '@extropy/api/testing/reads'
import { mediansMs } from '../db/measure.ts'
import { record } from '../results.ts'
import { slope } from '../slope.ts'
import { table } from '../table.ts'
import type { Sized } from './sizes.ts'

/** Every list, count, search and graph at every size, one caller, random keys. */
export async function growReads(databases: readonly Sized[], calls: number): Promise<void> {
  const samples = await Promise.all(databases.map(({ db }) => readSamples(db, 200)))
  const rows: string[][] = []
  for (const [name, read] of Object.entries(scaleReads)) {
    const ways = databases.map(({ db }, at) => (n: number) => {
      const own = samples[at] ?? []
      const sample = own[n % own.length]
      if (sample === undefined) throw new Error('there is no data to read')
      return read(db, sample)
    })
    const medians = await mediansMs(calls, ways)
    const smallest = medians[0] ?? Number.NaN
    for (const [at, { cards }] of databases.entries()) {
      const value = medians[at] ?? Number.NaN
      const ratio = at === 0 ? {} : { ratioTo: `${databases[0]?.cards} cards`, ratio: value / smallest }
      const contender = `${cards} cards`
      record({
        suite: 'growth',
        name: `rows: ${name}`,
        contender,
        unit: 'ms',
        value,
        at: cards,
        atUnit: 'cards',
        ...ratio,
      })
    }
    const exponent = slope(databases.map(({ cards }, at) => [cards, medians[at] ?? Number.NaN]))
    record({ suite: 'growth', name: `rows: ${name}`, contender: 'slope', unit: 'exponent', value: exponent })
    const ratio = (medians.at(-1) ?? Number.NaN) / smallest
    rows.push([name, ...medians.map((ms) => ms.toFixed(3)), ratio.toFixed(2), exponent.toFixed(3)])
  }
  const sizes = databases.map(({ cards }) => `${cards} cards`)
  process.stdout.write('\n### As tables grow, p50 ms; slope: cost ≈ size^slope\n')
  process.stdout.write(table(['', ...sizes, 'last / first', 'slope'], rows))
}
