import type { BenchCase } from '../bench-case.ts'
import { benchDepth } from '../db/scale.ts'
import { growCallers } from '../growth/callers.ts'
import { growEntries } from '../growth/entries.ts'
import { growReads } from '../growth/reads.ts'
import { type Sized, withSizes } from '../growth/sizes.ts'

const parts = ['entries', 'rows', 'callers'] as const

/** `--part entries|rows|callers`: that part alone. `--keep`: leave the databases for the next run with `--keep`. */
export const bench: BenchCase = {
  title: 'what grows with the rows, the callers and the entries, and how fast',
  parts,
  async run({ quick, options }) {
    const isWanted = (part: (typeof parts)[number]) => options.part === undefined || options.part === part
    if (isWanted('entries'))
      await growEntries(quick ? [1_000, 10_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000], quick ? 100 : 300)
    if (!isWanted('rows') && !isWanted('callers')) return
    const sizes = quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000]
    const all = {
      sizes: isWanted('rows') ? sizes : sizes.slice(-1),
      embeddedSizes: quick ? [300, 1_000] : [1_000, 5_000],
    }
    await withSizes(process.env.TEST_DATABASE_URL, { ...all, keep: options.keep === true }, async (databases) => {
      const largest = databases.at(-1) as Sized
      if (isWanted('rows')) {
        await growReads(databases, 200)
        await benchDepth('growth', largest, quick ? 60 : 200)
      }
      if (isWanted('callers')) await growCallers(largest, quick ? 0.1 : 0.4)
    })
  },
}
