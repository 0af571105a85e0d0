import type { BenchCase } from '../bench-case.ts'
import { benchHits } from '../cache/hits.ts'
import { benchHttp } from '../cache/http.ts'
import { benchInvalidation } from '../cache/invalidation.ts'
import { benchMemory } from '../cache/memory.ts'
import { benchMisses } from '../cache/misses.ts'

export const bench: BenchCase = {
  title: 'hits, misses, invalidation, memory and HTTP, against the peers',
  async run({ quick }) {
    await benchHits(quick ? 10 : 60)
    await benchMisses(process.env.TEST_REDIS_URL)
    await benchInvalidation(quick ? 20 : 100)
    await benchMemory()
    await benchHttp(quick ? 3 : 15, 1)
  },
}
