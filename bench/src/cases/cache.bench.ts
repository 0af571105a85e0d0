import type { BenchCase } from '../bench-case.ts'
import { benchHits } from '../cache/hits.ts'
import { benchInvalidation } from '../cache/invalidation.ts'
import { benchMemory } from '../cache/memory.ts'
import { benchMisses } from '../cache/misses.ts'

export const bench: BenchCase = {
  title: 'hits, misses, invalidation and memory, against the peers',
  parts: ['hits', 'misses', 'invalidation', 'memory'],
  async run({ quick, wants }) {
    if (wants('hits')) await benchHits(quick ? 30 : 60)
    if (wants('misses')) await benchMisses(process.env.TEST_REDIS_URL)
    if (wants('invalidation')) await benchInvalidation(quick ? 40 : 100)
    if (wants('memory')) await benchMemory(quick ? 50_000 : 100_000)
  },
}
