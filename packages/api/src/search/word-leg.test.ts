import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDeps } from '../testing/test-deps.ts'
import { measureCandidates } from './candidates.ts'
import { readQuestion } from './query-words.ts'
import { findFew } from './vector-leg.ts'
import { scorePassages, searchWords } from './word-leg.ts'

/** One content whose passages all say «common»; every thousandth says «rare» as well. */
const passages = 6000
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  await sql`
    with content as (
      insert into contents (platform, source_url, author, title, body, content_hash)
      values ('web', 'https://example.org/common', 'A', 'T', '', '') returning id
    )
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, tags)
    select content.id, n, '', case when n = 5900 then setweight(to_tsvector('english', 'common'), 'A') else '' end ||
             to_tsvector('english', case when n % 1000 = 0 then 'rare ' else '' end || 'common'), 'web', '{}',
           case when n % 1000 = 1 then array['few'] else '{}' end
    from content, generate_series(1, ${passages}::int) as n`.execute(database.db)
})
afterAll(() => database.close())

async function find(
  prompt: string,
  limit: number,
  condition?: ReturnType<typeof sql<boolean>>,
  { wordBudget }: { wordBudget?: number } = {},
) {
  const { corpus, words } = await readQuestion(database.db, prompt)
  const few = await findFew(database.db, undefined, condition)
  const options = { condition, limit, ...(wordBudget === undefined ? {} : { wordBudget }) }
  return searchWords(database.db, words, corpus, few, options)
}

test('a common word does not select where rarer ones bring enough, but counts in their scores', async () => {
  const both = await find('rare common', 6)
  expect(both.onlyRescored).toEqual(['common'])
  expect(both.hits).toHaveLength(6)
  const rareAlone = await find('rare', 6)
  expect(both.hits[0]?.bm25).toBeGreaterThan(rareAlone.hits[0]?.bm25 ?? 0)
})

test('where the rarer words bring too few, the common one selects too', async () => {
  const { hits, onlyRescored } = await find('rare common', 50)
  expect(hits).toHaveLength(50)
  // Not all of its passages: 5,000 of 6,000 are enough to choose fifty from.
  expect(onlyRescored).toEqual(['common'])
})

test('under a filter the common word finds all that is left', async () => {
  const { hits } = await find('common', 50, sql<boolean>`content_chunks.tags @> '{few}'`)
  expect(hits).toHaveLength(passages / 1000)
})

test('a filter that leaves more than few is held to as well', async () => {
  const { hits } = await find('rare common', 50, sql<boolean>`content_chunks.ordinal <= 4000`)
  expect(hits).toHaveLength(50)
  const { rows } = await sql<{ most: number }>`
    select max(ordinal) as most from content_chunks where id = any(${hits.map((hit) => hit.chunkId)})`.execute(
    database.db,
  )
  expect(rows[0]?.most).toBeLessThanOrEqual(4000)
})

test('passages score alike, whether a word’s postings are read through or looked up', async () => {
  const { corpus, words } = await readQuestion(database.db, 'rare common')
  const { rows } = await sql<{ id: number }>`select id from content_chunks where ordinal <= 2000`.execute(database.db)
  const ids = rows.map(({ id }) => id)
  const readThrough = await scorePassages(database.db, words, corpus, ids)
  const lookedUp = await Promise.all(ids.slice(0, 30).map((id) => scorePassages(database.db, words, corpus, [id])))
  const scores = new Map(readThrough.map(({ chunkId, bm25 }) => [chunkId, bm25]))
  expect(scores.size).toBe(2000)
  for (const { chunkId, bm25 } of lookedUp.flat()) expect(bm25).toBe(scores.get(chunkId))
})

test('of a word that nearly all have, the passage that has it most leads, wherever it stands', async () => {
  const { hits, onlyRescored } = await find('common', 10)
  const { rows } = await sql<{ id: number }>`select id from content_chunks where ordinal = 5900`.execute(database.db)
  expect(hits[0]?.chunkId).toBe(rows[0]?.id)
  expect(onlyRescored).toEqual([])
})

test('what only the vector leg found has the same scores; what the words found is not scored again', async () => {
  const question = await readQuestion(database.db, 'rare common')
  const { rows } = await sql<{ id: number }>`
    select id from content_chunks where ordinal in (1000, 1001, 5900) order by ordinal`.execute(database.db)
  const [both = 0, common = 0, titled = 0] = rows.map(({ id }) => id)
  const { embeddingModel: model } = await createTestDeps(database)
  const embedded = { model, vector: new Float32Array(model.dimension).fill(1) }
  const measured = await measureCandidates(
    database.db,
    { ...question, embedded },
    { byWord: [titled], others: [both, common] },
  )
  const expected = await scorePassages(database.db, question.words, question.corpus, [both, common])
  expect(measured.find(({ chunkId }) => chunkId === titled)?.bm25).toBeNull()
  for (const { chunkId, bm25 } of expected) {
    expect(measured.find((passage) => passage.chunkId === chunkId)?.bm25).toBeCloseTo(bm25, 9)
  }
  expect(expected).toHaveLength(2)
})

test('a word that was not read to its end is named, and counts in every score', async () => {
  for (const [prompt, wordBudget] of [
    ['common', 1000],
    ['rare common', undefined],
  ] as const) {
    const { corpus, words } = await readQuestion(database.db, prompt)
    const { hits, onlyRescored } = await find(prompt, 50, undefined, wordBudget === undefined ? {} : { wordBudget })
    expect(onlyRescored).toEqual(['common'])
    expect(hits).toHaveLength(50)
    const ids = hits.map((hit) => hit.chunkId)
    expect(hits).toEqual(await scorePassages(database.db, words, corpus, ids))
  }
})

test('what a filter leaves is found, though it stands behind all that a word’s budget reads', async () => {
  const newest = sql<boolean>`content_chunks.ordinal > 2500`
  const { hits, onlyRescored } = await find('common', 50, newest, { wordBudget: 1000 })
  expect(hits).toHaveLength(50)
  expect(onlyRescored).toEqual([])
})
