import { readSamples } from '@extropy/api/testing/reads'
import type { BenchCase } from '../bench-case.ts'
import { openGenerated } from '../db/generated-database.ts'
import { isPrismaInstalled } from '../queries/contenders/prisma.contender.ts'
import { benchQueries } from '../queries/queries.ts'
import { skip } from '../results.ts'

/** `--keep`: leave the database for the next run with `--keep`. */
export const bench: BenchCase = {
  title: "typed reads through this package's Kysely, beside the libraries that people use",
  needs: ['TEST_DATABASE_URL'],
  async run({ quick, options }) {
    const serverUrl = process.env.TEST_DATABASE_URL ?? ''
    const database = await openGenerated(serverUrl, quick ? 20_000 : 182_000, options.keep === true)
    if (!isPrismaInstalled()) skip('Prisma', 'not installed: npm install in bench/peers/prisma, 300 MB')
    try {
      const samples = (await readSamples(database.db, 500)).map(({ userId, attributionId }) => ({
        userId,
        attributionId,
      }))
      await benchQueries(database, samples, {
        rounds: quick ? 3 : 5,
        seconds: quick ? 0.15 : 1,
        warmUpSeconds: quick ? 0.3 : 2,
      })
    } finally {
      await database.remove()
    }
  },
}
