import { readSamples, scaleReads } from '@extropy/api/testing/reads'
import { underLoad } from '../db/measure.ts'
import { record } from '../results.ts'
import { slope } from '../slope.ts'
import { table } from '../table.ts'
import type { Sized } from './sizes.ts'

const callerCounts = [1, 2, 4, 8, 16, 32, 64]
/** A hot read, a list with a join, and a recursive one. */
const reads = ['users: one', 'cards: list', 'attributions: graph, depth 3']

/** More callers at once: how far the throughput follows, and what each of them waits. */
export async function growCallers({ db, cards }: Sized, seconds: number): Promise<void> {
  const samples = await readSamples(db, 200)
  process.stdout.write(`\n### As callers grow, ${cards} cards, calls/s (p99 ms); slope of the throughput\n`)
  const rows: string[][] = []
  for (const name of reads) {
    const read = scaleReads[name]
    if (read === undefined) throw new Error(`there is no read named ${name}`)
    const call = (n: number) => read(db, samples[n % samples.length] as (typeof samples)[0])
    await underLoad(16, seconds, call)
    const points: [number, number][] = []
    const cells: string[] = []
    for (const at of callerCounts) {
      const { perSecond, p50Ms, p99Ms } = await underLoad(at, seconds, call)
      points.push([at, perSecond])
      cells.push(`${perSecond.toFixed(0)} (${p99Ms.toFixed(1)})`)
      const measured = { suite: 'growth', contender: `${at} callers`, at, atUnit: 'callers' }
      record({ ...measured, name: `callers: ${name}`, unit: 'calls/s', value: perSecond })
      record({ ...measured, name: `callers: ${name}, p50`, unit: 'ms', value: p50Ms })
      record({ ...measured, name: `callers: ${name}, p99`, unit: 'ms', value: p99Ms })
    }
    rows.push([name, ...cells, slope(points).toFixed(2)])
    record({ suite: 'growth', name: `callers: ${name}`, contender: 'slope', unit: 'exponent', value: slope(points) })
  }
  process.stdout.write(table(['', ...callerCounts.map(String), 'slope'], rows))
}
