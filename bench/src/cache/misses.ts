import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createCache } from '@extropy/cache'
import { forkProgram } from '../children.ts'
import type { GoalName } from '../goals.ts'
import { record, skip } from '../results.ts'

const misses = 10_000

/** Counts the loads when so many callers miss one key at once, in one process, and in two that share a Redis. */
export async function benchMisses(redisUrl: string | undefined): Promise<void> {
  process.stdout.write(`\n### ${misses} concurrent misses on one key, a load of 50 ms\n`)
  const report = (where: string, value: number, goal: GoalName) => {
    const name = `${misses} concurrent misses on one key: ${where}`
    record({ suite: 'cache', name, contender: '@extropy/cache', unit: 'loads', value, goals: [goal] })
    process.stdout.write(`${where}: loads: ${value}\n`)
  }
  const cache = createCache()
  report('one process', await missAtOnce(cache, misses), '10,000 misses at once, one process: loads')
  await cache.close()
  if (redisUrl === undefined) return skip('two processes on one Redis', 'set TEST_REDIS_URL')
  const worker = new URL('./miss-worker.ts', import.meta.url)
  const args = [redisUrl, `bench:${randomUUID()}`, `${misses / 2}`]
  const workers = await Promise.all([0, 1].map(() => forkProgram(worker, args)))
  const results = Promise.all(workers.map(({ child }) => once(child, 'message')))
  for (const { child } of workers) child.send('go')
  const loads = (await results).reduce((sum, [own]) => sum + own, 0)
  report('two processes, one Redis', loads, '10,000 misses at once, two processes: loads')
}

/** The number of loads for so many misses of one key. */
export async function missAtOnce(cache: ReturnType<typeof createCache>, count: number): Promise<number> {
  let loads = 0
  const load = async () => {
    loads++
    await new Promise((resolve) => setTimeout(resolve, 50))
    return 'value'
  }
  await Promise.all(Array.from({ length: count }, () => cache.getOrSet('k', load, { ttlMs: 10_000 })))
  return loads
}
