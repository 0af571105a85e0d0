import type { BenchCase } from '../bench-case.ts'
import { benchAgainstPgbench } from '../http/against-pgbench.ts'
import { benchApacheBench } from '../http/apache-bench.ts'
import { benchCached } from '../http/cached.ts'
import { openHttpData } from '../http/data.ts'
import { findLoadTool } from '../http/load.ts'
import { benchOverInvalidation } from '../http/replay/over-invalidation.ts'
import { benchReplay } from '../http/replay/replay.ts'
import type { Suite } from '../http/suite.ts'
import { benchUncached } from '../http/uncached.ts'
import { portOf } from '../port.ts'
import { skip } from '../results.ts'

/** The database that `db` has made where all suites run; larger than the 438 MB that the replaced service was measured on. */
const cards = 210_000

const parts = {
  cached: benchCached,
  uncached: benchUncached,
  pgbench: benchAgainstPgbench,
  ab: benchApacheBench,
  replay: benchReplay,
  invalidation: benchOverInvalidation,
}
/** What a quick run has no time for, unless it is named. */
const leftOutOfQuick = ['pgbench', 'ab', 'invalidation']

/**
 * `--part cached|uncached|pgbench|ab|replay|invalidation`: that part alone. `--keep`: leave the database for the next run with
 * `--keep`. `--port N`: where Extropy listens; any free port otherwise.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  parts: Object.keys(parts),
  title: 'over HTTP: cached and uncached answers beside the peers, a replay with writes',
  async run({ quick, options }) {
    const wanted = options.part
    const data = await openHttpData(process.env.TEST_DATABASE_URL ?? '', quick ? 20_000 : cards, options.keep === true)
    try {
      const tool = findLoadTool()
      process.stdout.write(`load by ${tool.name}\n`)
      const suite: Suite = {
        data,
        tool,
        quick,
        port: portOf(options.port),
        rounds: quick ? 3 : 4,
        seconds: 1,
        warmUpSeconds: 1,
      }
      if (quick) skip('most cases and peers of cached and uncached answers', 'in a quick run')
      for (const [name, part] of Object.entries(parts)) {
        if ((wanted ?? name) !== name) continue
        if (quick && wanted === undefined && leftOutOfQuick.includes(name))
          skip(name, 'in a quick run; --part names it')
        else await part(suite)
      }
    } finally {
      await data.remove()
    }
  },
}
