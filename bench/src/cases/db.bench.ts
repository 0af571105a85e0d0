import type { BenchCase } from '../bench-case.ts'
import { benchCallers } from '../db/callers.ts'
import { type GeneratedDatabase, openGenerated } from '../db/generated-database.ts'
import { benchIndexes } from '../db/indexes.ts'
import { benchReplaced } from '../db/replaced-service.ts'
import { benchDepth, benchScale } from '../db/scale.ts'
import { skip } from '../results.ts'

const parts = ['scale', 'callers', 'replaced', 'indexes'] as const

/**
 * `--part scale|callers|replaced|indexes`: that part alone. `--long`: on a million cards, three rounds, and `scale`, all of which is
 * half an hour's work; otherwise on 210,000, which http and before-after share with it, and `scale` only by its name (`pnpm bench growth` has the same reads). `--keep`: leave the
 * databases for the next run with `--keep`. `--pgbench COMMAND`: where pgbench is not on the PATH, e.g. `chroot DIR /usr/bin/pgbench`.
 */
export const bench: BenchCase = {
  title: 'look-ups under load, each named index with and without, against the replaced service',
  needs: ['TEST_DATABASE_URL'],
  parts,
  async run({ quick, options }) {
    const serverUrl = process.env.TEST_DATABASE_URL ?? ''
    const keep = options.keep === true
    const long = options.long === true
    const pgbench = typeof options.pgbench === 'string' ? options.pgbench : 'pgbench'
    const isWanted = (part: (typeof parts)[number]) =>
      options.part === undefined ? part !== 'scale' || long : options.part === part
    // Their ratios need more calls to be worth a look; those to the replaced service are to numbers of another machine.
    const leaveOut = (part: (typeof parts)[number]) => {
      if (!quick || options.part !== undefined) return false
      skip(part, `in a quick run; --part ${part} names it`)
      return true
    }
    const most = quick ? 20_000 : long ? 1_000_000 : 210_000
    const seconds = quick ? 0.3 : long ? 3 : 0.6
    const rounds = long ? 3 : 4

    const run = async (sizes: readonly number[], body: (databases: GeneratedDatabase[]) => Promise<void>) => {
      const databases: GeneratedDatabase[] = []
      for (const cards of sizes) databases.push(await openGenerated(serverUrl, cards, keep))
      await body(databases).finally(() => Promise.all(databases.map((database) => database.remove())))
    }
    // The largest last, and read first: what the server caches of it is then worked with as the others are.
    const sizes = isWanted('scale') ? [most / 100, most / 10, most] : [most]
    if (isWanted('scale') || isWanted('callers') || isWanted('indexes')) {
      await run(sizes, async (databases) => {
        const largest = databases.at(-1) as GeneratedDatabase
        if (isWanted('scale')) {
          await benchScale('db', databases, quick ? 50 : 500)
          await benchDepth('db', largest, quick ? 50 : 300)
        }
        const callerCounts = quick ? [16] : [16, 32]
        if (isWanted('callers'))
          await benchCallers(largest, { seconds, rounds, pgbench, callerCounts, besideSlow: !quick })
        if (isWanted('indexes') && !leaveOut('indexes'))
          await benchIndexes(largest, quick ? { withIndex: 100, without: 30 } : { withIndex: 200, without: 7 })
      })
    }
    // About 438 MB, the size that the replaced service was measured on.
    if (isWanted('replaced') && !leaveOut('replaced')) {
      await run([quick ? 20_000 : 210_000], async ([database]) => benchReplaced(database as GeneratedDatabase, seconds))
    }
  },
}
