import { readSamples } from '@extropy/api/testing/reads'
import type { BenchCase } from '../bench-case.ts'
import { openGenerated } from '../db/generated-database.ts'
import { isPrismaInstalled } from '../queries/contenders/prisma.contender.ts'
import { benchQueries } from '../queries/queries.ts'
import { readNames } from '../queries/reads.ts'
import { skip } from '../results.ts'

/** `--keep`: leave the database for the next run with `--keep`. */
export const bench: BenchCase = {
  title: "typed reads through this package's Kysely, beside the libraries that people use",
  needs: ['TEST_DATABASE_URL'],
  async run({ quick, options }) {
    const serverUrl = process.env.TEST_DATABASE_URL ?? ''
    const database = await openGenerated(serverUrl, quick ? 20_000 : 210_000, options.keep === true)
    if (!isPrismaInstalled()) skip('Prisma', 'not installed: npm install in bench/peers/prisma, 300 MB')
    try {
      const samples = (await readSamples(database.db, 500)).map(({ userId, attributionId }) => ({
        userId,
        attributionId,
      }))
      const cases = quick
        ? { reads: ['primary key', 'join of 4 tables'] as const, callerCounts: [16] }
        : { reads: readNames, callerCounts: [1, 16] }
      await benchQueries(database, samples, cases, {
        rounds: quick ? 11 : 5,
        seconds: quick ? 0.1 : 0.3,
        warmUpSeconds: 0.6,
      })
    } finally {
      await database.remove()
    }
  },
}
