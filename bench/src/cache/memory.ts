import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCache } from '@extropy/cache'
import { record } from '../results.ts'
import { table } from '../table.ts'

/** Bytes that the cache reports against the memory that filling it has taken, after collection. */
export async function benchMemory(entries: number): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const kinds: [string, (i: number) => unknown][] = [
    [
      'card objects',
      (i) => ({ id: i, title: `card number ${i}`, score: i + 0.5, tags: ['a', 'b'], author: { name: `author ${i}` } }),
    ],
    ['strings of 1 kB', (i) => `${i}`.padEnd(1_000, 'x')],
    ['buffers of 1 kB', (i) => Buffer.alloc(1_000, i)],
  ]
  const rows: string[][] = []
  for (const [name, make] of kinds) {
    const before = settled(collect)
    const cache = createCache({ maxEntries: entries, maxBytes: 2 ** 32, sweepMs: 0 })
    for (let i = 0; i < entries; i += 1) {
      await cache.getOrSet(`card:${i}`, () => make(i), { tags: [`card:${i}`, `author:${i % 1_000}`, 'cards'] })
    }
    const grown = settled(collect) - before
    const { bytes } = cache.stats()
    rows.push([name, megabytes(bytes), megabytes(grown), `${((bytes / grown - 1) * 100).toFixed(1)} %`])
    record({
      suite: 'cache',
      name: 'bytes reported against heap growth',
      contender: name,
      unit: 'MB',
      value: bytes / 1e6,
      ratioTo: 'heap growth measured',
      ratio: bytes / grown,
      at: entries,
      atUnit: 'entries',
    })
    await cache.close()
  }
  process.stdout.write(`\n### Memory of ${entries} entries with 3 tags each, MB (at most 15 % apart)\n`)
  process.stdout.write(table(['', 'reported', 'measured', 'difference'], rows))
}

function settled(collect: () => void): number {
  for (let i = 0; i < 4; i += 1) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
