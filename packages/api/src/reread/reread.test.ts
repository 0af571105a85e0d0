import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { planReread, type RereadStep, rereadTexts } from './reread.ts'

let database: TestDatabase
let deps: Deps
let caller: ReturnType<typeof createTestCaller>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  caller = createTestCaller(deps)
})
beforeEach(async () => {
  await database.db.deleteFrom('contents').execute()
  await database.db.deleteFrom('textVersions').execute()
})
afterAll(() => database.close())

/** As passages were indexed before there were rules of our own. */
async function forgetRules(): Promise<void> {
  await sql`
    update content_chunks set search_vector =
      setweight(to_tsvector(search_config::regconfig, title), 'A') || setweight(to_tsvector(search_config::regconfig, text), 'D')
    from contents where contents.id = content_id`.execute(database.db)
}

const wordsFound = async (prompt: string) =>
  (await caller.query.rag({ prompt })).results.filter(({ word }) => word !== null).map(({ content }) => content.title)
const vectors = () => database.db.selectFrom('contentChunks').select(['id', 'searchVector']).orderBy('id').execute()

test('passages that were stored under earlier rules are found by the present ones, without a new ingest', async () => {
  await ingestLines(deps, [
    contentLine({ title: 'Hooks', body: 'Call React.useEffect after the first paint of C++.' }),
    contentLine({
      title: 'Haus',
      body: 'Die Häuser am See sind alt, und die CVE-2026-2332 ist in der kleinen Stadt bekannt.',
    }),
    contentLine({
      title: '東京',
      body: '東京都に住んでいます。この検索エンジンは日本語の文章を単語ごとに分けて、とても速く探します。',
    }),
  ])
  const stored = await vectors()
  await forgetRules()
  expect(await wordsFound('useEffect')).toEqual([])

  const steps: RereadStep[] = []
  await rereadTexts(database.db, { onStep: (step) => steps.push(step) })
  expect(steps).toContainEqual({ kind: 'read anew', name: 'passages', durationMs: expect.any(Number) })
  expect(await vectors()).toEqual(stored)
  expect(await wordsFound('useEffect')).toEqual(['Hooks'])
  expect(await wordsFound('C++')).toEqual(['Hooks'])
  expect(await wordsFound('2332')).toEqual(['Haus'])
  expect(await wordsFound('検索')).toEqual(['東京'])
})

test('texts are read once, and an earlier program leaves a later one’s work alone', async () => {
  expect((await planReread(database.db)).map(({ name }) => name)).toContain('passages')
  await rereadTexts(database.db)
  expect(await planReread(database.db)).toEqual([])
  await database.db.updateTable('textVersions').set({ version: 1000, reached: '7' }).execute()
  expect(await planReread(database.db)).toEqual([])
  await database.db.updateTable('textVersions').set({ version: 0, reached: null }).execute()
  expect((await planReread(database.db)).map(({ name }) => name)).toContain('passages')
})

test('the next run finishes one that was stopped half-way; several at once share the work', async () => {
  await sql`
    with content as (
      insert into contents (platform, source_url, author, title, body, content_hash)
      values ('web', 'https://example.org/many', 'A', 'T', '', '') returning id
    )
    insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids)
    select id, n, 'see file' || n || '.js', to_tsvector('english', 'see file' || n || '.js'), 'web', '{}'
    from content, generate_series(1, 250) as n`.execute(database.db)
  const unread = () =>
    sql<{ id: number }>`
    select id from content_chunks where not search_vector @@ 'js' order by id`.execute(database.db)
  const { rows: all } = await unread()
  expect(all).toHaveLength(250)
  await sql`create function stop() returns trigger language plpgsql as $$ begin raise 'stopped' using errcode = '53100'; end $$`.execute(
    database.db,
  )
  await sql`create trigger stop before update on content_chunks for each row when (new.ordinal = 240) execute function stop()`.execute(
    database.db,
  )
  await expect(rereadTexts(database.db)).rejects.toThrow('stopped')
  await sql`drop function stop cascade`.execute(database.db)
  expect((await unread()).rows).toEqual(all.slice(200))

  await sql`update content_chunks set search_vector = '' where ordinal <= 200`.execute(database.db)
  await Promise.all([rereadTexts(database.db), rereadTexts(database.db)])
  // Those before the place where it was stopped were not read once more.
  expect((await unread()).rows).toEqual(all.slice(0, 200))
})
