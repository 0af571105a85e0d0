import { createCache } from '@extropy/cache'
import { LRUCache } from 'lru-cache'
import { Bench } from 'tinybench'
import { record } from '../results.ts'
import { slope } from '../slope.ts'
import { table } from '../table.ts'

/** One sample is so many calls: a single hit is shorter than the clock's step. */
const batch = 1000
const ttlMs = 300_000

/** What one hit, and one store that pushes another entry out, cost in caches of 1,000 to 1,000,000 entries. */
export async function growEntries(counts: readonly number[], timeMs: number): Promise<void> {
  const names = ['hit', 'store that evicts', 'hit of bare lru-cache'] as const
  const costs = new Map<string, [number, number][]>(names.map((name) => [name, []]))
  for (const count of counts) {
    const options = { maxEntries: count, maxBytes: 2 ** 33, sweepMs: 0 }
    const own = createCache(options)
    const evicting = createCache(options)
    const lru = new LRUCache<string, object>({ max: count, ttl: ttlMs })
    const keys = Array.from({ length: count }, (_, i) => `card:${i}`)
    for (const [id, key] of keys.entries()) {
      await own.getOrSet(key, () => ({ id }), { ttlMs, tags: ['cards'] })
      await evicting.getOrSet(key, () => ({ id }), { ttlMs, tags: ['cards'] })
      lru.set(key, { id })
    }
    // Spread over all of them, as hits are: a cache that only looks fast while one line of memory is hot would show.
    let at = 0
    const next = () => {
      at = (at + 7919) % count
      return keys[at] ?? ''
    }
    const load = () => {
      throw new Error('a hit was a miss')
    }
    let made = 0
    const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4 })
    bench.add('hit', () => times(() => own.getOrSet(next(), load, { ttlMs, tags: ['cards'] })))
    bench.add('hit of bare lru-cache', () => times(() => lru.get(next())))
    bench.add('store that evicts', async () => {
      for (let n = 0; n < batch; n++)
        await evicting.getOrSet(`new:${made++}`, () => ({ id: n }), { ttlMs, tags: ['cards'] })
    })
    await bench.run()
    for (const task of bench.tasks) {
      const { result } = task
      if (result.state !== 'completed') throw new Error(`${task.name} with ${count} entries: ${result.state}`)
      const ns = (result.latency.p50 * 1e6) / batch
      costs.get(task.name)?.push([count, ns])
      record({
        suite: 'growth',
        name: `entries: ${task.name}`,
        contender: `${count} entries`,
        unit: 'ns',
        value: ns,
        at: count,
        atUnit: 'entries',
      })
    }
    await own.close()
    await evicting.close()
  }
  const rows = names.map((name) => {
    const points = costs.get(name) ?? []
    record({ suite: 'growth', name: `entries: ${name}`, contender: 'slope', unit: 'exponent', value: slope(points) })
    return [name, ...points.map(([, ns]) => ns.toFixed(0)), slope(points).toFixed(3)]
  })
  process.stdout.write('\n### As the memory tier grows, p50 ns a call\n')
  process.stdout.write(table(['', ...counts.map((count) => `${count} entries`), 'slope'], rows))
}

function times(call: () => unknown): void {
  for (let n = 0; n < batch; n++) call()
}
