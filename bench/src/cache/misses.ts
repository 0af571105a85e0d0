import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createCache } from '@extropy/cache'
import { record, skip } from '../results.ts'
import { table } from '../table.ts'

const MISSES = 10_000

/** 10,000 callers miss one key at once: how many loads that makes, in one process, and in two that share a Redis. */
export async function benchMisses(redisUrl: string | undefined): Promise<void> {
  const rows = [await inMemory()]
  if (redisUrl !== undefined) rows.push(await acrossProcesses(redisUrl))
  process.stdout.write(`\n### ${MISSES} concurrent misses on one key, a load of 50 ms\n`)
  process.stdout.write(table(['', 'loads', 'ms'], rows))
  for (const [where = '', loads] of rows) {
    const measured = { suite: 'cache', name: `${MISSES} concurrent misses on one key`, contender: '@extropy/cache' }
    record({ ...measured, name: `${measured.name}: ${where}`, unit: 'loads', value: Number(loads) })
  }
  if (redisUrl === undefined) skip('two processes on one Redis', 'set TEST_REDIS_URL')
}

async function inMemory(): Promise<string[]> {
  const cache = createCache()
  let loads = 0
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: MISSES }, () =>
      cache.getOrSet('k', async () => {
        loads += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
        return loads
      }),
    ),
  )
  const tookMs = performance.now() - startedAt
  await cache.close()
  return ['one process', `${loads}`, tookMs.toFixed(0)]
}

async function acrossProcesses(redisUrl: string): Promise<string[]> {
  const prefix = `bench:${randomUUID()}`
  const workers = [0, 1].map(() =>
    fork(new URL('./miss-worker.ts', import.meta.url), [redisUrl, prefix, `${MISSES / 2}`]),
  )
  await Promise.all(workers.map((each) => once(each, 'message')))
  const startedAt = performance.now()
  const results = Promise.all(workers.map((each) => once(each, 'message')))
  for (const each of workers) each.send('go')
  const loads = (await results).reduce((sum, [{ loads: own }]) => sum + own, 0)
  return ['two processes, one Redis', `${loads}`, (performance.now() - startedAt).toFixed(0)]
}
