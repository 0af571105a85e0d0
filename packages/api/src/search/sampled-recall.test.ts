import { migrate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { createSampledRecall } from './sampled-recall.ts'
import { walkIndex } from './vector-leg.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
})
afterAll(() => database.close())

test('a database without passages has no recall, and is not asked for one', async () => {
  const recall = createSampledRecall(deps.db, deps.embeddingModel)
  await recall.sample()
  expect(recall.read()).toEqual({ recallAt10: null, samples: 0 })
})

test('what the index finds of the truly nearest is the recall, of the newest samples', async () => {
  await sql`
    with content as (
      insert into contents (platform, source_url, author, title, body, content_hash)
      values ('web', 'https://example.org/vectors', 'A', 'T', '', '') returning id
    )
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
    select content.id, n, '', '', 'web', '{}',
           (select array_agg(random() + n * 0 + m * 0) from generate_series(1, 16) as m)::vector::halfvec,
           ${deps.embeddingModel.id}
    from content, generate_series(1, 1500) as n`.execute(deps.db)
  await migrate(database)
  const recall = createSampledRecall(deps.db, deps.embeddingModel, { perRound: 8, window: 20 })
  for (let round = 0; round < 3; round++) await recall.sample()
  const { recallAt10, samples } = recall.read()
  expect(samples).toBe(20)
  expect(recallAt10).toBeGreaterThan(0.9)
  expect(recallAt10).toBeLessThanOrEqual(1)
})

test('what the index misses shows', async () => {
  const walk: typeof walkIndex = async (...asked) => (await walkIndex(...asked)).filter((_, place) => place % 2 === 0)
  const recall = createSampledRecall(deps.db, deps.embeddingModel, { perRound: 8, walk })
  await recall.sample()
  expect(recall.read().recallAt10).toBeLessThanOrEqual(0.5)
})
