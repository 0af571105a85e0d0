import type { BenchCase } from '../bench-case.ts'
import { benchHits } from '../cache/hits.ts'
import { benchInvalidation } from '../cache/invalidation.ts'
import { benchMemory } from '../cache/memory.ts'
import { benchMisses } from '../cache/misses.ts'

const parts = ['hits', 'misses', 'invalidation', 'memory'] as const

export const bench: BenchCase = {
  title: 'hits, misses, invalidation and memory, against the peers',
  parts,
  async run({ quick, options }) {
    const isWanted = (part: (typeof parts)[number]) => options.part === undefined || options.part === part
    if (isWanted('hits')) await benchHits(quick ? 30 : 60)
    if (isWanted('misses')) await benchMisses(process.env.TEST_REDIS_URL)
    if (isWanted('invalidation')) await benchInvalidation(quick ? 40 : 100)
    if (isWanted('memory')) await benchMemory(quick ? 50_000 : 100_000)
  },
}
