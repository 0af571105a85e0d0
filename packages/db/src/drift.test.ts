import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findDrift } from './drift.ts'
import { migrate } from './migrate.ts'
import { exactVectorsUpTo } from './tables/content-chunks.table.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
afterAll(() => database.close())

test('a migrated database equals the tables’ declarations', async () => {
  expect(await findDrift(database.db)).toEqual([])
})

test.each([
  [
    'a new column',
    'alter table authors add column age integer',
    'alter table authors drop column age',
    'column authors.age is in the database but not declared',
  ],
  [
    'a changed type',
    'alter table authors alter column bio type varchar(9)',
    'alter table authors alter column bio type text',
    'column authors.bio is declared as «text» but is «character varying(9)»',
  ],
  [
    'a lost NOT NULL',
    'alter table contents alter column title drop not null',
    'alter table contents alter column title set not null',
    'column contents.title is declared as «text not null» but is «text»',
  ],
  [
    'a lost statistics target',
    'alter table cards alter column search_vector set statistics -1',
    'alter table cards alter column search_vector set statistics 500',
    'column cards.search_vector is declared as «tsvector not null with default statistics 500» but is «tsvector not null with default»',
  ],
  [
    'a lost constraint',
    'alter table content_chunks drop constraint content_chunks_ordinal_check',
    'alter table content_chunks add constraint content_chunks_ordinal_check check (ordinal >= 0)',
    'constraint content_chunks.content_chunks_ordinal_check is declared but not in the database',
  ],
  [
    'a lost index',
    'drop index idx_contents_platform_scraped',
    'create index idx_contents_platform_scraped on contents (platform, scraped_at desc, id desc)',
    'index idx_contents_platform_scraped is declared but not in the database',
  ],
  [
    'an extra index',
    'create index idx_extra on contents (title)',
    'drop index idx_extra',
    'index idx_extra is in the database but not declared',
  ],
  [
    'an index on one month alone',
    'create index idx_month on only extropy_ledger (amount)',
    'drop index idx_month',
    'index idx_month is in the database but not declared',
  ],
  [
    'a trigger that is switched off',
    'alter table extropy_ledger disable trigger extropy_ledger_append_only',
    'alter table extropy_ledger enable trigger extropy_ledger_append_only',
    expect.stringMatching(/^trigger extropy_ledger.extropy_ledger_append_only is declared .* DISABLED»$/),
  ],
])('%s is drift', async (_, change, undo, drift) => {
  await sql.raw(change).execute(database.db)
  expect(await findDrift(database.db)).toEqual([drift])
  await sql.raw(undo).execute(database.db)
  expect(await findDrift(database.db)).toEqual([])
})

test('an index with another predicate is drift, and the next migrate rebuilds it', async () => {
  await sql`drop index idx_contents_analyzed_at_not_null`.execute(database.db)
  await sql`create index idx_contents_analyzed_at_not_null on contents (analyzed_at)`.execute(database.db)
  expect(await findDrift(database.db)).toEqual([expect.stringContaining('WHERE (analyzed_at IS NOT NULL)')])
  const steps: string[] = []
  await migrate(database, { onStep: ({ kind, name }) => steps.push(`${kind} ${name}`) })
  expect(steps).toContain('changed index rebuilt idx_contents_analyzed_at_not_null')
  expect(await findDrift(database.db)).toEqual([])
})

test('each embedding model has its own vector index, as soon as its vectors are many', async () => {
  const { db } = database
  const models = await db
    .insertInto('embeddingModels')
    .values([
      { name: 'few', dimension: 3 },
      { name: 'many', dimension: 2 },
    ])
    .returningAll()
    .execute()
  for (const { id, name, dimension } of models) {
    await sql`
      with content as (
        insert into contents (platform, source_url, author, title, body, content_hash)
        values ('web', ${`https://example.org/${name}`}, 'A', 'T', '', '') returning id
      )
      insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
      select content.id, n, '', '', 'web', '{}', array_fill(n, array[${dimension}::int])::vector::halfvec, ${id}
      from content, generate_series(1, ${exactVectorsUpTo}::int) as n`.execute(db)
  }
  await migrate(database)
  expect(await findDrift(db)).toEqual([])
  await sql`
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, embedding, embedding_model_id)
    select content_id, 0, '', '', 'web', '{}', '[1,2]', embedding_model_id
    from content_chunks where embedding_model_id = ${models[1]?.id} limit 1`.execute(db)
  const name = `idx_content_chunks_embedding_model_${models[1]?.id}`
  expect(await findDrift(db)).toEqual([`index ${name} is declared but not in the database`])
  await migrate(database)
  expect(await findDrift(db)).toEqual([])
  // It stays, also when there are fewer.
  await db.deleteFrom('contents').execute()
  expect(await findDrift(db)).toEqual([])
})
