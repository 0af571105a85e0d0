import type { BenchCase } from '../bench-case.ts'
import { withGenerated } from '../databases.ts'
import { growDepth, growReads, type Sized } from '../growth.ts'

export const bench: BenchCase = {
  title: 'what grows with the rows, and how fast',
  needs: ['TEST_DATABASE_URL'],
  parts: ['rows', 'depth'],
  async run({ quick, keep, wants }) {
    const serverUrl = process.env.TEST_DATABASE_URL ?? ''
    const rounds = { rounds: 5, seconds: quick ? 0.01 : 0.04 }
    await withSizes(serverUrl, quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000], keep, async (databases) => {
      if (wants('rows')) await growReads(databases, rounds)
      if (wants('depth')) await growDepth(databases.at(-1) as Sized, rounds)
    })
  },
}

async function withSizes(
  serverUrl: string,
  [first, ...others]: readonly number[],
  keep: boolean,
  body: (databases: readonly Sized[]) => Promise<void>,
): Promise<void> {
  if (first === undefined) return body([])
  await withGenerated(serverUrl, first, { keep, share: false }, (database) =>
    withSizes(serverUrl, others, keep, (databases) => body([database, ...databases])),
  )
}
