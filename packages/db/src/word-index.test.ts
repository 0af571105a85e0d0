import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { migrate, migrateDown } from './migrate.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
beforeEach(() => database.db.deleteFrom('contents').execute())
afterAll(() => database.close())

/** A content with passages of the same title, each under a text search configuration. */
async function addContent(title: string, passages: readonly string[], config = 'english'): Promise<string> {
  const { id } = await database.db
    .insertInto('contents')
    .values({
      platform: 'web',
      sourceUrl: `https://example.org/${Math.random()}`,
      author: 'A',
      title,
      body: '',
      contentHash: '',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await sql`
    insert into content_chunks (content_id, ordinal, text, search_vector, search_config, platform, author_ids)
    select ${id}::uuid, n, passage,
           setweight(to_tsvector(${config}::regconfig, ${title}), 'A') || setweight(to_tsvector(${config}::regconfig, passage), 'D'),
           ${config}, 'web', '{}'
    from unnest(${passages}::text[]) with ordinality as p (passage, n)`.execute(database.db)
  return id
}

/** The index as triggers left it, beside the same computed anew from the passages; the two must never differ. */
async function indexAndTruth() {
  const terms = await database.db
    .selectFrom('searchTerms')
    .select(['searchConfig', 'lexeme', 'passageCount'])
    .where('passageCount', '>', 0)
    .orderBy('searchConfig')
    .orderBy('lexeme')
    .execute()
  const { rows: termsTruth } = await sql`
    select search_config, lexeme, count(*)::int as passage_count
    from content_chunks, unnest(search_vector) group by 1, 2 order by 1, 2`.execute(database.db)
  const { rows: postings } = await sql`
    select chunk_id, search_config, lexeme, title_count, body_count, title_length, body_length
    from search_postings join search_terms on id = term_id order by 1, 2, 3`.execute(database.db)
  const { rows: postingsTruth } = await sql`
    select c.id as chunk_id, search_config, w.lexeme, w.title_count, w.body_count,
           length(title)::smallint as title_length, length(body)::smallint as body_length
    from (select *, array(select 1 from unnest(search_vector) v, unnest(v.weights) x where x = 'A') as title_words,
                    array(select 1 from unnest(search_vector) v, unnest(v.weights) x where x = 'D') as body_words
          from content_chunks) as c
    cross join lateral (select repeat('x', cardinality(title_words)) as title, repeat('x', cardinality(body_words)) as body) as l
    cross join lateral (
      select lexeme, count(*) filter (where x = 'A')::smallint as title_count, count(*) filter (where x = 'D')::smallint as body_count
      from unnest(search_vector) v, unnest(v.weights) x group by lexeme) as w
    order by 1, 2, 3`.execute(database.db)
  const { rows: configs } = await sql`
    select search_config, passage_count from search_configs where passage_count > 0 order by 1`.execute(database.db)
  const { rows: configsTruth } = await sql`
    select search_config, count(*)::int as passage_count from content_chunks group by 1 order by 1`.execute(database.db)
  return {
    index: { terms, postings, configs },
    truth: { terms: termsTruth, postings: postingsTruth, configs: configsTruth },
  }
}

async function expectInStep() {
  const { index, truth } = await indexAndTruth()
  expect(index).toEqual(truth)
  return index
}

test('written passages are counted, title and body apart, each in its configuration', async () => {
  await addContent('Running shoes', ['She runs and runs.', 'The shoe.', ''])
  await addContent('Häuser', ['Das Haus am See.'], 'german')
  const { terms, postings } = await expectInStep()
  expect(terms).toContainEqual({ searchConfig: 'english', lexeme: 'run', passageCount: 3 })
  expect(terms).toContainEqual({ searchConfig: 'german', lexeme: 'haus', passageCount: 1 })
  expect(postings).toContainEqual(
    expect.objectContaining({ lexeme: 'run', titleCount: 1, bodyCount: 2, bodyLength: 2 }),
  )
})

test('a deleted content removes its words, and an updated passage changes them', async () => {
  const gone = await addContent('One', ['alpha beta', 'beta gamma'])
  await addContent('Two', ['beta delta'])
  await database.db.deleteFrom('contents').where('id', '=', gone).execute()
  expect((await expectInStep()).terms.map(({ lexeme }) => lexeme)).toEqual(['beta', 'delta', 'two'])
  await sql`update content_chunks set search_vector = to_tsvector('english', 'epsilon')`.execute(database.db)
  expect((await expectInStep()).terms.map(({ lexeme }) => lexeme)).toEqual(['epsilon'])
  await sql`update content_chunks set search_config = 'simple'`.execute(database.db)
  expect((await expectInStep()).terms.map(({ searchConfig }) => searchConfig)).toEqual(['simple'])
  await sql`truncate contents cascade`.execute(database.db)
  expect((await expectInStep()).postings).toEqual([])
})

test('a rolled-back passage is not counted', async () => {
  await addContent('One', ['alpha'])
  const failed = database.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('contents').execute()
    throw new Error('changed my mind')
  })
  await expect(failed).rejects.toThrow('changed my mind')
  expect((await expectInStep()).terms.map(({ lexeme }) => lexeme)).toEqual(['alpha', 'one'])
})

test('the migration adds earlier passages to the word index', async () => {
  await addContent('Old', ['Written earlier.', 'And more earlier.'])
  await sql`update contents set tags = '{kept}'`.execute(database.db)
  for (let undone: string | undefined; undone !== '0010-word-index'; ) undone = await migrateDown(database)
  await migrate(database)
  expect((await expectInStep()).terms).toContainEqual({ searchConfig: 'english', lexeme: 'earlier', passageCount: 2 })
  expect(await database.db.selectFrom('contentChunks').select('tags').distinct().execute()).toEqual([
    { tags: ['kept'] },
  ])
})

if (inject('databaseTemplate').kind === 'postgres') {
  test('concurrent writers with the same words in other orders neither deadlock nor miscount', async () => {
    const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']
    await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const id = await addContent('T', [words.toSorted(() => Math.sin(n)).join(' '), words.slice(n % 6).join(' ')])
        if (n % 3 === 0) await database.db.deleteFrom('contents').where('id', '=', id).execute()
      }),
    )
    await expectInStep()
  })
}
