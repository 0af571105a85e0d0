import { randomUUID } from 'node:crypto'
import { createCache } from '@extropy/cache'
import { createRedisStore } from '@extropy/cache/redis'
import type { BenchCase } from '../bench-case.ts'
import { quantile } from '../quantiles.ts'
import { record } from '../results.ts'
import { table } from '../table.ts'

const ROWS = 200
const READERS = 16
const HEADER = [
  's',
  'a',
  'b',
  'breaker',
  'reads',
  'failed',
  'p99 ms',
  'max ms',
  'writes',
  'local',
  'stale, in touch',
  'stale, own',
]

/**
 * Two instances on one Redis, read and written all the time, one line a second. Kill and start Redis while it runs. `failed`
 * and both columns of stale reads must stay 0: `in touch` counts reads of an instance that held its lease from begin to end,
 * `own` those after this instance's own invalidations. Needs TEST_REDIS_URL; `--seconds=N`, default 20.
 */
export const bench: BenchCase = {
  needs: ['TEST_REDIS_URL'],
  title: 'two instances on one Redis that may be killed and started meanwhile',
  async run({ quick, options }) {
    await soak(process.env.TEST_REDIS_URL ?? '', quick ? 5 : Number(options.seconds ?? 20))
  },
}

async function soak(url: string, seconds: number): Promise<void> {
  const prefix = `soak:${randomUUID()}`
  const caches = [0, 1].map(() => createCache({ maxEntries: ROWS, shared: createRedisStore({ url, prefix }) }))
  const versions = Array.from({ length: ROWS }, () => 0)
  const everyone = [...versions]
  const own = caches.map(() => [...versions])
  const total = { reads: 0, failed: 0, writes: 0, local: 0, staleInTouch: 0, staleOwn: 0 }
  let latencies: number[] = []
  let over = false
  const epoch = (on: number): string => {
    const shared = caches[on]?.stats().shared
    return `${shared?.state} ${shared?.lapses}`
  }

  const read = async (on: number, id: number): Promise<void> => {
    const leastOwn = own[on]?.[id] ?? 0
    const least = everyone[id] ?? 0
    const before = epoch(on)
    const startedAt = performance.now()
    total.reads += 1
    try {
      const version = await caches[on]?.getOrSet(
        `row:${id}`,
        async () => {
          const found = versions[id] ?? 0
          await new Promise((resolve) => setTimeout(resolve, 2))
          return found
        },
        { ttlMs: 5_000, tags: [`row:${id}`] },
      )
      if ((version ?? 0) < leastOwn) total.staleOwn += 1
      if ((version ?? 0) < least && before.startsWith('online') && epoch(on) === before) total.staleInTouch += 1
    } catch {
      total.failed += 1
    }
    latencies.push(performance.now() - startedAt)
  }
  const write = async (on: number, id: number): Promise<void> => {
    const version = (versions[id] ?? 0) + 1
    versions[id] = version
    total.writes += 1
    const reach = await caches[on]?.invalidateTags([`row:${id}`])
    const mine = own[on]
    if (mine !== undefined) mine[id] = Math.max(mine[id] ?? 0, version)
    if (reach === 'everywhere') everyone[id] = Math.max(everyone[id] ?? 0, version)
    else total.local += 1
  }
  const readers = Array.from({ length: READERS }, async (_, i) => {
    while (!over) {
      for (let j = 0; j < 20; j += 1) await read(i % 2, Math.floor(Math.random() * ROWS))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })
  const writers = [0, 1].map(async (on) => {
    while (!over) {
      void write(on, Math.floor(Math.random() * ROWS))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })

  const rows: string[][] = []
  for (let second = 1; second <= seconds; second += 1) {
    const before = { ...total }
    latencies = []
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const [a, b] = caches.map((each) => each.stats().shared)
    const since = (name: keyof typeof total): string => `${total[name] - before[name]}`
    rows.push([
      `${second}`,
      a?.state ?? '',
      b?.state ?? '',
      a?.breaker ?? '',
      since('reads'),
      since('failed'),
      quantile(latencies, 0.99).toFixed(1),
      quantile(latencies, 1).toFixed(0),
      since('writes'),
      since('local'),
      since('staleInTouch'),
      since('staleOwn'),
    ])
  }
  over = true
  const counted = { suite: 'cache-soak', contender: '@extropy/cache', unit: 'reads' }
  record({ ...counted, name: 'failed reads', value: total.failed })
  record({ ...counted, name: 'stale reads', value: total.staleInTouch + total.staleOwn })
  await Promise.all([...readers, ...writers])
  for (const each of caches) await each.close()
  process.stdout.write(table(HEADER, rows))
  process.stdout.write(
    `${total.reads} reads, ${total.failed} failed, ${total.staleInTouch + total.staleOwn} stale; ${total.writes} writes, ${total.local} of them local\n`,
  )
}
