import type { BenchCase } from '../bench-case.ts'
import { withGenerated } from '../databases.ts'
import { benchBesideSlow, benchCallers } from '../db/callers.ts'
import { benchIndexes } from '../db/indexes.ts'
import { benchReplaced } from '../db/replaced-service.ts'

export const bench: BenchCase = {
  title: 'look-ups under load, each named index with and without, against the replaced service',
  needs: ['TEST_DATABASE_URL'],
  parts: ['callers', 'replaced', 'indexes'],
  leftOutOfQuick: ['replaced', 'indexes'],
  async run({ quick, keep, wants }) {
    const rounds = { rounds: quick ? 3 : 5, seconds: quick ? 0.3 : 0.6, warmUpSeconds: 0.3 }
    // About 438 MB, the size that the replaced service was measured on.
    await withGenerated(process.env.TEST_DATABASE_URL ?? '', quick ? 20_000 : 210_000, { keep }, async (database) => {
      if (wants('callers')) {
        await benchCallers(database, quick ? [16] : [16, 32], rounds)
        if (!quick) await benchBesideSlow(database, rounds)
      }
      if (wants('replaced')) await benchReplaced(database, rounds.seconds)
      if (wants('indexes')) await benchIndexes(database)
    })
  },
}
