import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDeps } from '../testing/test-deps.ts'
import { findFew, measurePassages, type QueryVector } from './vector-leg.ts'

let database: TestDatabase
let asked: QueryVector
let ids: number[]
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const { db, embeddingModel: model } = await createTestDeps(database)
  const axis = (at: number) => Float32Array.from({ length: model.dimension }, (_, n) => (n === at ? 1 : 0))
  asked = { model, vector: axis(0) }
  const vectors = [axis(0), axis(1), axis(2)].map((vector) => `[${vector.join(',')}]`)
  const { rows } = await sql<{ id: number }>`
    with content as (
      insert into contents (platform, source_url, author, title, body, content_hash)
      values ('web', 'https://example.org/axes', 'A', 'T', '', '') returning id
    )
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
    select content.id, n, '', '', 'web', '{}', vector::halfvec, case when vector is not null then ${model.id}::smallint end
    from content, unnest(${[...vectors, null]}::text[]) with ordinality as v (vector, n) returning id`.execute(db)
  ids = rows.map(({ id }) => id).sort((x, y) => x - y)
})
afterAll(() => database.close())

test('a passage is measured beside the question and beside the mean of the feedback', async () => {
  const [first = 0, second = 0, third = 0, bare = 0] = ids
  const measured = await measurePassages(database.db, asked, ids, [second, third, bare])
  const byId = new Map(measured.map((passage) => [passage.chunkId, passage]))
  expect(byId.get(first)).toMatchObject({ cosineDistance: 0, feedbackDistance: 1 })
  expect(byId.get(second)?.cosineDistance).toBe(1)
  expect(byId.get(second)?.feedbackDistance).toBeCloseTo(1 - Math.SQRT1_2, 3)
  expect(byId.has(bare)).toBe(false)
})

test('without feedback that has a vector there is no distance to it', async () => {
  const bare = ids.at(-1) ?? 0
  for (const feedback of [[], [bare]]) {
    const measured = await measurePassages(database.db, asked, ids, feedback)
    expect(measured.map(({ feedbackDistance }) => feedbackDistance)).toEqual([null, null, null])
  }
})

test('of a filter that leaves few, all are there, and those with a vector by nearness', async () => {
  const [first, second, third] = ids
  expect(await findFew(database.db, asked, sql<boolean>`true`)).toMatchObject({
    chunkIds: expect.arrayContaining(ids),
    nearest: [first, second, third].map((chunkId) => ({ chunkId })),
  })
  expect((await findFew(database.db, undefined, sql<boolean>`true`))?.nearest).toEqual([])
  expect(await findFew(database.db, asked, undefined)).toBeUndefined()
})
