import { createDatabase } from '@extropy/db'
import { record } from '../../results.ts'
import { table } from '../../table.ts'
import { startExtropy } from '../servers.ts'
import type { Suite } from '../suite.ts'
import { openPopulation } from './population.ts'
import { type ReplayOptions, type ReplayResult, runReplay } from './run-replay.ts'
import { countReads } from './visitor.ts'
import { withCopy } from './with-copy.ts'

const goalHitRate = 0.9

/** Popular things read again and again, 2 writes in 100 requests: how much comes from the cache, and is it ever old? */
export async function benchReplay({ data, quick, port }: Suite): Promise<void> {
  const options: ReplayOptions = {
    callers: 16,
    requests: quick ? 6_000 : 100_000,
    maxSeconds: quick ? 10 : 90,
    writeShare: 0.02,
    exponent: 1.1,
    seed: 1,
  }
  await withCopy(data.url, async (url) => {
    const database = await createDatabase({ url })
    const population = await openPopulation(database, options.seed).finally(() => database.close())
    const run = async (runOptions: ReplayOptions) => {
      const server = await startExtropy('Extropy', { databaseUrl: url, port })
      try {
        return await runReplay(server.url, population, runOptions)
      } finally {
        await server.close()
      }
    }
    const readOnly = quick ? undefined : await run({ ...options, writeShare: 0 })
    report(await run(options), options, countReads(population))
    if (readOnly === undefined) return
    const rate = 100 * hitRateOf(readOnly)
    process.stdout.write(`the same without writes, which is what room in the cache allows: ${rate.toFixed(1)} %\n`)
    record({ suite: 'http', name: 'replay: hits without writes', contender: 'Extropy', unit: '%', value: rate })
  })
}

function hitRateOf({ byKind }: ReplayResult): number {
  const counts = [...byKind.values()]
  return counts.reduce((sum, { hits }) => sum + hits, 0) / counts.reduce((sum, { reads }) => sum + reads, 0)
}

function report(result: ReplayResult, options: ReplayOptions, different: number): void {
  const { callers, requests, writeShare, exponent, seed } = options
  const { byKind, bySecond, afterWrites, writes, hasCache, unknown, modelErrors, examples } = result
  const kinds = [...byKind]
  const sum = (of: 'reads' | 'hits' | 'stale') => kinds.reduce((total, [, count]) => total + count[of], 0)
  const written = [...writes.values()].reduce((total, count) => total + count, 0)
  const hitRate = hitRateOf(result)
  const stale = sum('stale') + afterWrites.stale
  const percent = (share: number) => (100 * share).toFixed(1)
  process.stdout.write(
    `\n### A replay: ${requests.toLocaleString('en')} requests, ${callers} callers, ${percent(writeShare)} % writes, ${different} different reads, Zipf ${exponent}, seed ${seed}\n`,
  )
  process.stdout.write(
    table(
      ['', 'reads', '% from the cache', 'stale'],
      [
        ...kinds.map(([kind, { reads, hits, stale: old }]) => [kind, `${reads}`, percent(hits / reads), `${old}`]),
        ['all', `${sum('reads')}`, percent(hitRate), `${sum('stale')}`],
        [
          'right after a write',
          `${afterWrites.reads}`,
          percent(afterWrites.hits / afterWrites.reads),
          `${afterWrites.stale}`,
        ],
      ],
    ),
  )
  const made = sum('reads') + written
  if (made < requests) process.stdout.write(`Stopped after ${Math.round(result.seconds)} s, at ${made} requests.\n`)
  const perSecond = (sum('reads') + afterWrites.reads + written) / result.seconds
  process.stdout.write(
    `${written} writes (${[...writes].map(([kind, count]) => `${count} ${kind}`).join(', ')}); ${Math.round(perSecond)} requests/s with this driver\n`,
  )
  if (!hasCache) process.stdout.write('No answer said X-Cache: this server has no cache.\n')
  const later = bySecond.slice(Math.floor(bySecond.length / 2))
  const laterRate = later.reduce((n, { hits }) => n + hits, 0) / later.reduce((n, { reads }) => n + reads, 0)
  process.stdout.write(
    `hit rate ${percent(hitRate)} % from an empty cache on, ${percent(laterRate)} % in the second half: goal > 90: ${hitRate > goalHitRate ? 'met' : 'MISSED'}\n`,
  )
  process.stdout.write(
    `stale reads: ${stale}: goal 0: ${stale === 0 ? 'met' : 'MISSED'}; answers that the model can't explain: ${unknown}; rows that the model has otherwise than the database: ${modelErrors}\n`,
  )
  for (const example of examples) process.stdout.write(`  ${example}\n`)

  const fixed = { suite: 'http', contender: 'Extropy' }
  record({ ...fixed, name: 'replay: hit rate', unit: '%', value: 100 * hitRate, goal: '> 90' })
  record({ ...fixed, name: 'replay: stale reads', unit: 'reads', value: stale, goal: '= 0' })
  record({
    ...fixed,
    name: "replay: answers that can't be explained",
    unit: 'reads',
    value: unknown + modelErrors,
    goal: '= 0',
  })
  record({ ...fixed, name: 'replay: requests', unit: 'requests/s', value: perSecond })
  for (const [second, { reads, hits }] of bySecond.entries()) {
    if (reads === 0) continue
    record({
      ...fixed,
      name: 'replay: hit rate over time',
      unit: '%',
      value: (100 * hits) / reads,
      at: second + 1,
      atUnit: 's',
    })
  }
}
