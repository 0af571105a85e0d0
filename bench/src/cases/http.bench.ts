import { issueKey } from '@extropy/api'
import type { BenchCase } from '../bench-case.ts'
import { onServer, withGenerated } from '../databases.ts'
import { mostLike164 } from '../db/replaced-service.ts'
import { benchApacheBench } from '../http/apache-bench.ts'
import { benchCached } from '../http/cached.ts'
import { loadTool } from '../http/load.ts'
import { benchOverInvalidation, benchReplay } from '../http/replay.ts'
import { benchAgainstPgbench, benchUncached } from '../http/uncached.ts'
import { benchWorkers } from '../http/workers.ts'

/** The database that `db` has made where all suites run; larger than the 438 MB that the replaced service was measured on. */
const cards = 210_000
const largestLimit = 2_000_000_000

const parts = {
  cached: benchCached,
  uncached: benchUncached,
  pgbench: benchAgainstPgbench,
  ab: benchApacheBench,
  replay: benchReplay,
  invalidation: benchOverInvalidation,
  workers: benchWorkers,
}

export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  parts: Object.keys(parts),
  leftOutOfQuick: ['pgbench', 'ab', 'invalidation', 'workers'],
  title: 'over HTTP: cached and uncached answers beside the peers, a replay with writes',
  async run({ quick, keep, wants }) {
    const rounds = quick ? { rounds: 3, seconds: 1, warmUpSeconds: 1 } : { rounds: 7, seconds: 1, warmUpSeconds: 2 }
    await withGenerated(process.env.TEST_DATABASE_URL ?? '', quick ? 20_000 : cards, { keep }, async ({ db, url }) => {
      process.stdout.write(`load by ${loadTool}\n`)
      const asked = { username: 'bench_http', scope: 'admin', rateLimitPerHour: largestLimit } as const
      const { key } = await issueKey(db, asked)
      const users = await onServer(url, 'select id from users order by md5(id::text) limit 500')
      const userIds = users.map(({ id }) => String(id))
      const suite = { url, key, userIds, attributed: await mostLike164(url), quick, ...rounds }
      for (const [name, part] of Object.entries(parts)) if (wants(name)) await part(suite)
    })
  },
}
