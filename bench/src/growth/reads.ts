import { readSamples, scaleReads } from '@extropy/api/testing/reads'
import { mediansMs } from '../db/measure.ts'
import { quantile } from '../quantiles.ts'
import { recordRounds } from '../ratio.ts'
import { record } from '../results.ts'
import { slope } from '../slope.ts'
import { table } from '../table.ts'
import type { Sized } from './sizes.ts'

/** Over all reads again and again, so that a read's rounds lie apart. */
const rounds = 5

/** Every list, count, search and graph at every size, one caller, random keys. */
export async function growReads(databases: readonly Sized[], calls: number): Promise<void> {
  const samples = await Promise.all(databases.map(({ db }) => readSamples(db, 200)))
  const reads = Object.entries(scaleReads)
  const medians = new Map(reads.map(([name]): [string, number[][]] => [name, databases.map(() => [])]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, read] of reads) {
      const ways = databases.map(({ db }, at) => (n: number) => {
        const own = samples[at] ?? []
        const sample = own[(n + (round * calls) / rounds) % own.length]
        if (sample === undefined) throw new Error('there is no data to read')
        return read(db, sample)
      })
      for (const [at, ms] of (await mediansMs(calls / rounds, ways)).entries()) medians.get(name)?.[at]?.push(ms)
    }
  }
  const rows = [...medians].map(([name, ofSizes]) => {
    const [smallest = []] = ofSizes
    const points: [number, number][] = []
    let last = Number.NaN
    for (const [at, { cards }] of databases.entries()) {
      const ofSize = ofSizes[at] ?? []
      const compared = recordRounds({
        suite: 'growth',
        name: `rows: ${name}`,
        contender: `${cards} cards`,
        unit: 'ms',
        rounds: ofSize,
        at: cards,
        atUnit: 'cards',
        against: at === 0 ? undefined : { contender: `${databases[0]?.cards} cards`, rounds: smallest },
      })
      points.push([cards, quantile(ofSize, 0.5)])
      last = compared?.ratio ?? last
    }
    const exponent = slope(points)
    record({ suite: 'growth', name: `rows: ${name}`, contender: 'slope', unit: 'exponent', value: exponent })
    return [name, ...points.map(([, ms]) => ms.toFixed(3)), last.toFixed(2), exponent.toFixed(3)]
  })
  const sizes = databases.map(({ cards }) => `${cards} cards`)
  process.stdout.write('\n### As tables grow, p50 ms; slope: cost ≈ size^slope\n')
  process.stdout.write(table(['', ...sizes, 'last / first', 'slope'], rows))
}
