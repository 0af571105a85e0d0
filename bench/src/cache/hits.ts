import { createCache } from '@extropy/cache'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { createCache as createManager } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { LRUCache } from 'lru-cache'
import { Bench } from 'tinybench'
import { median } from '../ratio.ts'
import { type Contender, runTrial, type Sample } from '../rounds.ts'

/** As many as the default cache holds. */
const size = 1_000
const ttl = 300_000
/** A batch is timed as one: a single hit is shorter than the clock's step. */
const batch = 500

const value = (key: string) => ({ key, title: 'a card' })

/** Read-through calls for a key; `close` ends what keeps the process alive. */
interface Cache {
  read(key: string): unknown
  close(): unknown
}

const floor = 'lru-cache.get, with ttl'
const ours = '@extropy/cache getOrSet'

const openers: Readonly<Record<string, () => Cache>> = {
  [floor]() {
    const lru = new LRUCache<string, object>({ max: size, ttl })
    const read = (key: string) => lru.get(key) ?? lru.set(key, value(key))
    return { read, close: () => lru.clear() }
  },
  [ours]() {
    const cache = createCache({ maxEntries: size })
    const options = { ttlMs: ttl, tags: ['cards'] }
    return { read: (key) => cache.getOrSet(key, () => value(key), options), close: () => cache.close() }
  },
  'async-cache-dedupe'() {
    const storage = { type: 'memory', options: { size } } as const
    const cache = createDedupe({ ttl: ttl / 1000, storage }).define('card', async (key: string) => value(key))
    return { read: (key) => cache.card(key), close: () => cache.clear() }
  },
  bentocache() {
    const stores = { memory: bentostore().useL1Layer(memoryDriver({ maxItems: size })) }
    const cache = new BentoCache({ default: 'memory', stores })
    return {
      read: (key) => cache.getOrSet({ key, ttl, factory: () => value(key) }),
      close: () => cache.disconnectAll(),
    }
  },
  'cache-manager'() {
    const cache = createManager({ ttl })
    return { read: (key) => cache.wrap(key, () => value(key)), close: () => cache.disconnect() }
  },
  cacheable() {
    const cache = new Cacheable({ ttl })
    return { read: (key) => cache.getOrSet(key, async () => value(key), { ttl }), close: () => cache.disconnect() }
  },
}

/** The cost of one hit, ours and the peers', in one process, in alternating rounds. Promises are awaited, one by one. */
export async function benchHits(rounds: number): Promise<void> {
  const keys = Array.from({ length: size }, (_, i) => `card:${i}`)
  const opened = Object.entries(openers).map(([name, open]) => ({ name, cache: open() }))
  const peers = opened.map(({ name }) => name).filter((name) => name !== floor && name !== ours)
  for (const { cache } of opened) for (const key of keys) await cache.read(key)
  const contenders = opened.map(
    ({ name, cache }): Contender => ({
      name,
      isLimit: name === floor,
      measure: (seconds) => timeHits(cache, keys, seconds),
    }),
  )
  await runTrial({
    suite: 'cache',
    name: 'a hit',
    unit: 'ns',
    rounds,
    seconds: 0.01,
    contenders,
    comparisons: [
      { of: ours, to: floor, goals: ['a hit / lru-cache.get'] },
      ...peers.map((of) => ({ of, to: ours, goals: ['a hit: the best peer / ours'] as const })),
    ],
  })
  for (const { cache } of opened) await cache.close()
}

/** Nanoseconds a read: the median of tinybench's batches. */
async function timeHits({ read }: Cache, keys: readonly string[], seconds: number): Promise<Sample> {
  const bench = new Bench({ time: seconds * 1000, warmup: false, retainSamples: true })
  let at = 0
  bench.add('hits', async () => {
    for (let n = 0; n < batch; n++) {
      at = (at + 7_919) % size
      const answer = read(keys[at] ?? '')
      if (answer instanceof Promise) await answer
    }
  })
  const [task] = await bench.run()
  if (task?.result.state !== 'completed') throw new Error('a read failed')
  const samples = (task.result.latency.samples ?? []).map((ms) => (ms * 1e6) / batch)
  return { value: median(samples), samples }
}
