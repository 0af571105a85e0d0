import { createCache } from '@extropy/cache'
import { type Contender, runTrial } from '../rounds.ts'

const counts = [1_000, 10_000, 100_000]
/** So many are timed as one. */
const batch = 50

/** One tag among entries that carry three each: its cost, and whether it grows with the entries that it does not concern. */
export async function benchInvalidation(rounds: number): Promise<void> {
  const caches = await Promise.all(counts.map(filled))
  const nameOf = (count: number) => `${count} entries`
  const [smallest = 0, largest] = [counts[0], counts.at(-1)]
  const contenders = counts.map((count, at): Contender => {
    let next = 0
    return {
      name: nameOf(count),
      async measure() {
        const startedAt = performance.now()
        for (let i = 0; i < batch; i++) await caches[at]?.invalidateTags([`author:${next++ % 1_000}`])
        return { value: ((performance.now() - startedAt) * 1000) / batch }
      },
    }
  })
  await runTrial({
    suite: 'cache',
    name: 'invalidation of one tag',
    unit: 'µs',
    rounds,
    seconds: 0,
    contenders,
    comparisons: counts.slice(1).map((count) => ({
      of: nameOf(count),
      to: nameOf(smallest),
      goals: count === largest ? ['invalidation of a tag: 100,000 entries / 1,000'] : [],
    })),
  })
  for (const cache of caches) await cache.close()
}

async function filled(count: number) {
  const cache = createCache({ maxEntries: count, maxBytes: 2 ** 30, sweepMs: 0 })
  for (let i = 0; i < count; i++)
    await cache.getOrSet(`card:${i}`, () => ({ id: i }), { tags: [`card:${i}`, `author:${i % 1_000}`, 'cards'] })
  return cache
}
