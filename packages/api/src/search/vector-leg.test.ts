import { buildVectorIndex, createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { registerModel } from '../ingest/ingest.queries.ts'
import { createFakeEmbedder, createTestDeps } from '../testing/test-deps.ts'
import { measureCandidates } from './candidates.ts'
import { readQuestion } from './query-words.ts'
import { findFew, type QueryVector, searchExactly, searchVectors, walkIndex } from './vector-leg.ts'

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
  await buildVectorIndex(db, model)
  ids = rows.map(({ id }) => id).sort((x, y) => x - y)
})
afterAll(() => database.close())

/** In the order of their ids. */
async function measure(byWord: readonly number[], others: readonly number[]) {
  const measured = await measureCandidates(
    database.db,
    { ...(await readQuestion(database.db, '')), embedded: asked },
    { byWord, others },
  )
  return measured.toSorted((x, y) => x.chunkId - y.chunkId)
}

test('a candidate is measured beside the question; one without a vector is at no distance', async () => {
  const [first = 0, second = 0, third = 0, bare = 0] = ids
  expect(await measure([second, third, bare], [first])).toMatchObject([
    { chunkId: first, cosineDistance: 0 },
    { chunkId: second, cosineDistance: 1 },
    { chunkId: third, cosineDistance: 1 },
    { chunkId: bare, cosineDistance: null },
  ])
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

test('what has no direction, a vector of zeros, is at no distance: never NaN', async () => {
  const { model } = asked
  const vectorOf = (first: number) =>
    `[${Array.from({ length: model.dimension }, (_, n) => (n === 0 ? first : 0)).join(',')}]`
  const made: number[] = []
  for (const [n, first] of [1, -1, 0].entries()) {
    const { rows } = await sql<{ id: number }>`
      insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
      select content_id, ${100 + n}::int, '', '', 'web', '{}', ${vectorOf(first)}::halfvec, ${model.id} from content_chunks limit 1
      returning id`.execute(database.db)
    made.push(rows[0]?.id ?? 0)
  }
  const [plus = 0, minus = 0, zero = 0] = made
  const measured = await measure([plus, minus], [zero])
  expect(measured).toMatchObject([
    { chunkId: plus, cosineDistance: 0 },
    { chunkId: minus, cosineDistance: 2 },
    { chunkId: zero, cosineDistance: null },
  ])
  const only = sql<boolean>`content_chunks.id = any(${made}::int[])`
  expect((await findFew(database.db, asked, only))?.nearest.map(({ chunkId }) => chunkId)).toEqual([plus, minus])
  const exact = await searchExactly(database.db, asked, { condition: only, limit: 10 })
  expect(exact.map(({ chunkId }) => chunkId)).toEqual([plus, minus])
  await sql`delete from content_chunks where id = any(${made}::int[])`.execute(database.db)
})

test('passages of another model, of another dimension, are measured by nobody', async () => {
  const other = await registerModel(database.db, createFakeEmbedder('other', 8))
  const { rows } = await sql<{ id: number }>`
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
    select content_id, 200, '', '', 'web', '{}', '[1,0,0,0,0,0,0,0]'::halfvec, ${other.id} from content_chunks limit 1
    returning id`.execute(database.db)
  const id = rows[0]?.id ?? 0
  const only = sql<boolean>`content_chunks.id = ${id}`
  expect(await measure([id], [])).toMatchObject([{ cosineDistance: null }])
  expect(await findFew(database.db, asked, only)).toEqual({ chunkIds: [id], nearest: [] })
  expect(await walkIndex(database.db, asked, { condition: only, limit: 5, efSearch: 40, iterate: true })).toEqual([])
  const ofOther = { model: other, vector: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0) }
  expect(await searchExactly(database.db, ofOther, { condition: undefined, limit: 5 })).toMatchObject([
    { chunkId: id, cosineDistance: 0 },
  ])
  await sql`delete from content_chunks where id = ${id}`.execute(database.db)
})

test('where the nearest passages were deleted a moment ago, the walk goes on to others', async () => {
  const { db } = database
  const { model } = asked
  // The further from the first axis, the greater the ordinal.
  await sql`
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
    select content_id, 1000 + n, '', '', 'web', '{}',
           (array[cos(n / 500.0), sin(n / 500.0)] || array_fill(0, array[${model.dimension - 2}::int])::float8[])::real[]::vector::halfvec,
           ${model.id}
    from (select content_id from content_chunks limit 1) as content, generate_series(0, 399) as n`.execute(db)
  await sql`delete from content_chunks where ordinal between 1000 and 1299`.execute(db)
  const options = { condition: undefined, limit: 60, efSearch: 100 }
  await db.transaction().execute(async (trx) => {
    await sql`set local enable_seqscan to off`.execute(trx)
    await sql`set local enable_sort to off`.execute(trx)
    expect((await walkIndex(trx, asked, { ...options, iterate: false })).length).toBeLessThan(60)
    const { rows } = await sql`select current_setting('hnsw.iterative_scan') as scan`.execute(trx)
    expect(rows).toEqual([{ scan: 'off' }])
    const { hits, method } = await searchVectors(trx, asked, undefined, options)
    expect({ method, found: hits.length }).toEqual({ method: 'approximate', found: 60 })
  })
  await sql`delete from content_chunks where ordinal between 1000 and 1999`.execute(db)
})

test('the walk is as wide as it was asked to be, and in strict order', async () => {
  await database.db.transaction().execute(async (trx) => {
    await walkIndex(trx, asked, { condition: undefined, limit: 5, efSearch: 77, iterate: true })
    const { rows } = await sql`
      select current_setting('hnsw.ef_search') as ef, current_setting('hnsw.iterative_scan') as scan`.execute(trx)
    expect(rows).toEqual([{ ef: '77', scan: 'strict_order' }])
  })
})
