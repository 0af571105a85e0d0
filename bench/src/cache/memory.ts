import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCache } from '@extropy/cache'
import { record } from '../results.ts'
import { table } from '../table.ts'

const kinds: Readonly<Record<string, (i: number) => unknown>> = {
  'card objects': (i) => {
    return { id: i, title: `card number ${i}`, score: i + 0.5, tags: ['a', 'b'], author: { name: `author ${i}` } }
  },
  'strings of 1 kB': (i) => `${i}`.padEnd(1_000, 'x'),
  'buffers of 1 kB': (i) => Buffer.alloc(1_000, i),
}

/** Bytes that the cache reports against the memory that filling it has taken, after collection. */
export async function benchMemory(entries: number): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const rows: string[][] = []
  for (const [contender, make] of Object.entries(kinds)) {
    const before = settled(collect)
    const cache = createCache({ maxEntries: entries, maxBytes: 2 ** 32, sweepMs: 0 })
    for (let i = 0; i < entries; i++)
      await cache.getOrSet(`card:${i}`, () => make(i), { tags: [`card:${i}`, `author:${i % 1_000}`, 'cards'] })
    const grown = settled(collect) - before
    const { bytes } = cache.stats()
    await cache.close()
    rows.push([contender, (bytes / 1e6).toFixed(1), (grown / 1e6).toFixed(1)])
    record({
      suite: 'cache',
      name: 'bytes reported against heap growth',
      contender,
      unit: 'MB',
      value: bytes / 1e6,
      ratioTo: 'heap growth measured',
      ratio: bytes / grown,
      goals: ['bytes reported / heap growth measured'],
    })
  }
  process.stdout.write(`\n### Memory of ${entries} entries with 3 tags each, MB\n`)
  process.stdout.write(table(['', 'reported', 'measured'], rows))
}

function settled(collect: () => void): number {
  for (let i = 0; i < 4; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
