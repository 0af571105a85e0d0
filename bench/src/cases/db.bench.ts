import type { BenchCase } from '../bench-case.ts'
import { benchCallers } from '../db/callers.ts'
import { openGenerated } from '../db/generated-database.ts'
import { benchIndexes } from '../db/indexes.ts'
import { benchReplaced } from '../db/replaced-service.ts'
import { benchDepth, benchScale } from '../db/scale.ts'

/**
 * `--part scale|callers|replaced|indexes`: that part alone. `--keep`: leave the databases for the next run with
 * `--keep`. `--pgbench COMMAND`: where pgbench is not on the PATH, e.g. `chroot DIR /usr/bin/pgbench`.
 */
export const bench: BenchCase = {
  title: 'reads as tables grow, look-ups under load, each named index with and without',
  async run({ quick, options }) {
    const serverUrl = process.env.TEST_DATABASE_URL
    if (!serverUrl) {
      process.stdout.write('Left out: it needs PostgreSQL (set TEST_DATABASE_URL).\n')
      return
    }
    const keep = options.keep === true
    const pgbench = typeof options.pgbench === 'string' ? options.pgbench : 'pgbench'
    const isWanted = (part: string) => options.part === undefined || options.part === part
    const sizes = quick ? [2000, 20_000] : [10_000, 100_000, 1_000_000]
    const seconds = quick ? 1 : 3

    // The largest first: what the server caches of it is then worked with as the others are.
    const databases = []
    for (const cards of sizes) databases.push(await openGenerated(serverUrl, cards, keep))
    const largest = databases.at(-1) as (typeof databases)[0]
    try {
      if (isWanted('scale')) {
        await benchScale(databases, quick ? 50 : 500)
        await benchDepth(largest, quick ? 50 : 300)
      }
      if (isWanted('callers')) await benchCallers(largest, { seconds, rounds: quick ? 1 : 3, pgbench })
      if (isWanted('indexes')) await benchIndexes(largest, quick ? 20 : 200)
    } finally {
      for (const database of databases) await database.remove()
    }
    if (!isWanted('replaced')) return
    // About 438 MB, the size that the replaced service was measured on.
    const database = await openGenerated(serverUrl, quick ? 20_000 : 210_000, keep)
    await benchReplaced(database, seconds).finally(() => database.remove())
  },
}
