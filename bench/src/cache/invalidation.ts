import { createCache } from '@extropy/cache'
import { quantile } from '../quantiles.ts'
import { recordRounds } from '../ratio.ts'
import { table } from '../table.ts'

const ENTRIES = [1_000, 10_000, 100_000]

/** One tag among entries that carry three each: its cost, and whether it grows with the entries that it does not concern. */
export async function benchInvalidation(rounds: number): Promise<void> {
  const caches = await Promise.all(ENTRIES.map(filled))
  const samples = ENTRIES.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, cache] of caches.entries()) {
      const startedAt = process.hrtime.bigint()
      for (let i = 0; i < 50; i += 1) await cache.invalidateTags([`author:${(round * 50 + i) % 1_000}`])
      samples[index]?.push(Number(process.hrtime.bigint() - startedAt) / 50)
    }
  }
  process.stdout.write(`\n### invalidateTags of one tag, entries with 3 tags each, µs\n`)
  const microseconds = (ns: number): string => (ns / 1_000).toFixed(2)
  const rows = ENTRIES.map((count, i) => [
    `${count} entries`,
    microseconds(quantile(samples[i] ?? [], 0.5)),
    microseconds(quantile(samples[i] ?? [], 0.99)),
  ])
  process.stdout.write(table(['', 'p50', 'p99'], rows))
  for (const [i, at] of ENTRIES.entries()) {
    const rounds = (samples[i] ?? []).map((ns) => ns / 1_000)
    const smallest = { contender: `${ENTRIES[0]} entries`, rounds: (samples[0] ?? []).map((ns) => ns / 1_000) }
    recordRounds({
      suite: 'cache',
      name: 'invalidation of one tag',
      contender: `${at} entries`,
      unit: 'µs',
      rounds,
      at,
      atUnit: 'entries',
      against: i === 0 ? undefined : smallest,
    })
  }
  for (const cache of caches) await cache.close()
}

async function filled(count: number) {
  const cache = createCache({ maxEntries: count, maxBytes: 2 ** 30, sweepMs: 0 })
  for (let i = 0; i < count; i += 1) {
    await cache.getOrSet(`card:${i}`, () => ({ id: i }), { tags: [`card:${i}`, `author:${i % 1_000}`, 'cards'] })
  }
  return cache
}
