import { describeReplay } from '../../../tests/replay/describe.ts'
import { measureOverInvalidation } from '../../../tests/replay/over-invalidation.ts'
import { openPopulation, type Population } from '../../../tests/replay/population.ts'
import { runReplay } from '../../../tests/replay/run.ts'
import { withDatabase } from '../databases.ts'
import { mean } from '../ratio.ts'
import { record } from '../results.ts'
import { table } from '../table.ts'
import { startExtropy } from './servers.ts'
import type { Suite } from './suite.ts'

const measured = { suite: 'http', contender: 'Extropy' }
const seed = 1

/** Popular things read again and again, 2 writes in 100 requests: how much comes from the cache, and is it ever old? */
export async function benchReplay({ url, quick }: Suite): Promise<void> {
  const options = { callers: 16, requests: quick ? 6_000 : 100_000, maxSeconds: quick ? 10 : 90, exponent: 1.1, seed }
  await onCopy(url, async (start, population) => {
    const result = await start((server) => runReplay(server, population, { ...options, writeShare: 0.02 }))
    const requests = options.requests.toLocaleString('en')
    process.stdout.write(`\n### A replay: ${requests} requests, 2 % writes\n${describeReplay(result)}`)
    const { hitRate, stale, unexplained } = result
    const rateGoals = ['replay, Zipf reads and 2 % writes: hit rate, %'] as const
    record({ ...measured, name: 'replay: hit rate', unit: '%', value: hitRate, goals: rateGoals })
    record({ ...measured, name: 'replay: stale reads', unit: 'reads', value: stale, goals: ['replay: stale reads'] })
    record({ ...measured, name: "replay: answers that can't be explained", unit: 'reads', value: unexplained })
  })
}

/** After a write by one user: how many answers about others the cache has lost. */
export async function benchOverInvalidation({ url }: Suite): Promise<void> {
  await onCopy(url, async (start, population) => {
    // Nothing may be gone for want of room.
    const env = { CACHE_MAX_ENTRIES: '100000' }
    const { kinds, byWrite } = await start((server) => measureOverInvalidation(server, population), env)
    process.stdout.write('\n### Answers lost by a write that has nothing to do with them, %\n')
    const rows = [...byWrite].map(([write, shares]) => [write, ...shares.map((share) => share.toFixed(0))])
    process.stdout.write(table(['', ...kinds], rows))
    for (const [contender, shares] of byWrite)
      record({ suite: 'http', name: 'unrelated answers lost by a write', contender, unit: '%', value: mean(shares) })
  })
}

type Start = <Result>(use: (url: string) => Promise<Result>, env?: Record<string, string>) => Promise<Result>

/** Writes must leave no traces for the other parts; each `start` is a server of its own, with an empty cache. */
async function onCopy(url: string, body: (start: Start, population: Population) => Promise<void>): Promise<void> {
  const onIt = async (databaseUrl: string) => {
    const start: Start = async (use, env) => {
      const server = await startExtropy('Extropy', databaseUrl, env)
      return use(server.url).finally(() => server.close())
    }
    await body(start, await openPopulation(databaseUrl, seed))
  }
  await withDatabase(url, 'replay', onIt, url)
}
