import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { Database } from './database.ts'
import { migrate, migrateDown } from './migrate.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
beforeEach(() => database.db.deleteFrom('contents').execute())
afterAll(() => database.close())

/** A content with passages of the same title, each under a text search configuration. */
async function addContent(
  title: string,
  passages: readonly string[],
  config = 'english',
  db: Kysely<Database> = database.db,
): Promise<string> {
  const { id } = await db
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
    from unnest(${passages}::text[]) with ordinality as p (passage, n)`.execute(db)
  return id
}

/** The index as triggers left it, beside the same computed anew from the passages; the two must never differ. */
async function indexAndTruth() {
  const { rows: terms } = await sql<{ searchConfig: string; lexeme: string; passageCount: number }>`
    select search_config, lexeme, passage_count from search_term_counts
    where passage_count > 0 order by search_config, lexeme`.execute(database.db)
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
    select * from search_config_counts where passage_count > 0 order by 1`.execute(database.db)
  const { rows: configsTruth } = await sql`
    select search_config, count(*)::int as passage_count, sum(titles)::bigint as title_length, sum(bodies)::bigint as body_length
    from content_chunks
    cross join lateral (
      select count(*) filter (where x = 'A') as titles, count(*) filter (where x = 'D') as bodies
      from unnest(search_vector) v, unnest(v.weights) x) as l
    group by 1 order by 1`.execute(database.db)
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

test('whatever is written, changed and deleted, in whatever order, the index is what it would be if made anew', async () => {
  const text = fc
    .array(fc.constantFrom('alpha', 'beta', 'gamma', 'runs', 'running', 'the'))
    .map((words) => words.join(' '))
  const config = fc.constantFrom('english', 'simple')
  const part = fc.nat(3)
  const added = fc.tuple(text, fc.array(text, { maxLength: 3 }), config)
  const steps = {
    add: added.map((given) => async () => void (await addContent(...given))),
    addThenFail: added.map((given) => async () => {
      const failed = database.db.transaction().execute(async (trx) => {
        await addContent(...given, trx)
        throw new Error('changed my mind')
      })
      await expect(failed).rejects.toThrow('changed my mind')
    }),
    remove: part.map((n) => () => sql`delete from contents where ascii(id::text) % 4 = ${n}`.execute(database.db)),
    change: fc.tuple(part, text, config).map(
      ([n, words, language]) =>
        () =>
          sql`update content_chunks set search_config = ${language}, search_vector = to_tsvector(${language}::regconfig, ${words})
              where id % 4 = ${n}`.execute(database.db),
    ),
    touch: fc.constant(() => sql`update content_chunks set text = text || '.'`.execute(database.db)),
    empty: fc.constant(() => sql`truncate contents cascade`.execute(database.db)),
  }
  const weights = { add: 8, addThenFail: 1, remove: 2, change: 3, touch: 1, empty: 1 } as const
  const step = fc.oneof(
    ...Object.entries(steps).map(([name, arbitrary]) => ({ arbitrary, weight: weights[name as keyof typeof steps] })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (run) => {
      for (const each of run) await each()
      await expectInStep()
    }),
    { numRuns: 15 },
  )
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
  test('while another writer is at the counts, nobody waits, and what the views say is exact; the next writer adds it up', async () => {
    await addContent('Known', ['alpha beta'])
    const waiting = async () =>
      (await sql<{ n: number }>`select count(*)::int as n from search_term_changes`.execute(database.db)).rows[0]?.n
    let gone = ''
    await database.db.transaction().execute(async (holder) => {
      await addContent('Held', ['alpha'], 'english', holder)
      // Only words that are known: a new one has to wait for the holder's commit.
      gone = await addContent('Known', ['alpha beta', 'beta'])
      await addContent('Known', ['alpha'])
      await database.db.deleteFrom('contents').where('id', '=', gone).execute()
      expect(await waiting()).toBeGreaterThan(0)
      await expectInStep()
    })
    await expectInStep()
    await addContent('Known', ['beta'])
    expect(await waiting()).toBe(0)
    await expectInStep()
  })

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
