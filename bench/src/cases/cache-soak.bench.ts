import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from '@extropy/cache'
import { createRedisStore } from '@extropy/cache/redis'
import type { BenchCase } from '../bench-case.ts'
import { record } from '../results.ts'

const rows = 200

/**
 * Two instances on one Redis, read and written all the time, a line for each second. Kill and start Redis while it runs:
 * no read may fail or be stale. Stale is a read of an instance that held its lease from begin to end and is older than a
 * write that reached everyone, or older than the instance's own invalidation. `--seconds N`, default 20.
 */
export const bench: BenchCase = {
  needs: ['TEST_REDIS_URL'],
  title: 'two instances on one Redis that may be killed and started meanwhile',
  async run({ quick, seconds }) {
    await soak(process.env.TEST_REDIS_URL ?? '', quick ? 5 : Number(seconds ?? 20))
  },
}

async function soak(url: string, seconds: number): Promise<void> {
  const prefix = `soak:${randomUUID()}`
  const zeros = () => new Float64Array(rows)
  const [versions, everyone] = [zeros(), zeros()]
  const total = { reads: 0, failed: 0, stale: 0, writes: 0, local: 0 }
  let isOver = false
  const anyRow = () => Math.floor(Math.random() * rows)
  const raise = (of: Float64Array, id: number, version: number) => {
    of[id] = Math.max(of[id] ?? 0, version)
  }
  const open = () => {
    const cache = createCache({ maxEntries: rows, shared: createRedisStore({ url, prefix }) })
    const own = zeros()
    const lease = () => `${cache.stats().shared?.state} ${cache.stats().shared?.lapses}`
    const read = async (id: number) => {
      const [leastOwn = 0, least = 0, before] = [own[id], everyone[id], lease()]
      const load = async () => {
        const found = versions[id] ?? 0
        await sleep(2)
        return found
      }
      total.reads++
      try {
        const version = await cache.getOrSet(`row:${id}`, load, { ttlMs: 5_000, tags: [`row:${id}`] })
        const isInTouch = before.startsWith('online') && lease() === before
        if (version < leastOwn || (isInTouch && version < least)) total.stale++
      } catch {
        total.failed++
      }
    }
    const write = async (id: number) => {
      const version = (versions[id] ?? 0) + 1
      versions[id] = version
      total.writes++
      const reach = await cache.invalidateTags([`row:${id}`])
      raise(own, id, version)
      if (reach === 'everywhere') raise(everyone, id, version)
      else total.local++
    }
    const until = async (work: () => unknown, pauseMs: number) => {
      for (; !isOver; await sleep(pauseMs)) await work()
    }
    const readSome = async () => {
      for (let n = 0; n < 20; n++) await read(anyRow())
    }
    const readers = Array.from({ length: 8 }, () => until(readSome, 1))
    return { cache, work: [...readers, until(() => void write(anyRow()), 10)] }
  }

  const instances = [open(), open()]
  for (let second = 1; second <= seconds; second++) {
    await sleep(1_000)
    const states = instances.map(({ cache }) => cache.stats().shared?.state).join(', ')
    process.stdout.write(`${second} s: ${states}; ${JSON.stringify(total)}\n`)
  }
  isOver = true
  await Promise.all(instances.flatMap(({ work }) => work))
  for (const { cache } of instances) await cache.close()
  const counted = { suite: 'cache-soak', contender: '@extropy/cache', unit: 'reads' }
  const [failed, stale] = [
    'two instances on one Redis: failed reads',
    'two instances on one Redis: stale reads',
  ] as const
  record({ ...counted, name: 'failed reads', value: total.failed, goals: [failed] })
  record({ ...counted, name: 'stale reads', value: total.stale, goals: [stale] })
}
