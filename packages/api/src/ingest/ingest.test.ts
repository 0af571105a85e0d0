import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { EmbedderError } from '../embedding/embedder.ts'
import { contentLine, createFakeEmbedder, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { registerModel } from './ingest.queries.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
})
beforeEach(async () => {
  await database.db.deleteFrom('contents').execute()
  await database.db.deleteFrom('authors').execute()
})
afterAll(() => database.close())

const url = 'https://example.org/post'
const authorsByName = async () =>
  Object.fromEntries(
    (await database.db.selectFrom('authors').select(['username', 'contentCount']).orderBy('username').execute()).map(
      ({ username, contentCount }) => [username, contentCount],
    ),
  )

test('a content goes in with its passages, vectors and authors', async () => {
  const { report } = await ingestLines(deps, [
    contentLine({
      source_url: url,
      authors: ['Ana  Núñez ', 'Bo', 'ana nunez'],
      body: 'First sentence. '.repeat(200),
      tags: ['x'],
    }),
  ])
  expect(report).toMatchObject({ read: 1, stored: 1, unchanged: 0, rejected: 0 })
  expect(report.passages).toBeGreaterThan(1)

  const content = await database.db.selectFrom('contents').selectAll().executeTakeFirstOrThrow()
  expect(content).toMatchObject({
    sourceUrl: url,
    author: 'Ana Núñez, Bo',
    tags: ['x'],
    publishedAt: '2026-01-02T03:04:05Z',
  })
  expect(content.embedding).toMatch(/^\[/)
  const chunks = await database.db.selectFrom('contentChunks').selectAll().orderBy('ordinal').execute()
  expect(chunks.map((chunk) => chunk.ordinal)).toEqual(Array.from({ length: report.passages }, (_, n) => n))
  expect(chunks[0]?.searchVector).toContain("'titl':2A")
  expect(chunks[0]).toMatchObject({ platform: 'web', publishedAt: content.publishedAt })
  expect(chunks[0]?.authorIds).toHaveLength(2)
  expect(await authorsByName()).toEqual({ 'ana-nunez': 1, bo: 1 })
})

test('the title is embedded with every passage', async () => {
  const embedder = createFakeEmbedder()
  await ingestLines({ ...deps, embedder }, [contentLine({ title: 'On closures', body: 'They capture.' })])
  expect(embedder.texts).toEqual(['On closures\n\nThey capture.'])
})

test('what has not changed costs no embedding and no write', async () => {
  const line = contentLine({ source_url: url })
  await ingestLines(deps, [line])
  const before = await database.db.selectFrom('contents').selectAll().execute()
  const embedder = createFakeEmbedder()
  const { report } = await ingestLines({ ...deps, embedder }, [line])
  expect(report).toMatchObject({ read: 1, stored: 0, unchanged: 1, passages: 0 })
  expect(embedder.texts).toEqual([])
  expect(await database.db.selectFrom('contents').selectAll().execute()).toEqual(before)
})

test('a changed content keeps its id; its passages and its authors are replaced', async () => {
  await ingestLines(deps, [contentLine({ source_url: url, author: 'Ana', body: 'Long text. '.repeat(300) })])
  const before = await database.db.selectFrom('contents').select('id').executeTakeFirstOrThrow()
  await ingestLines(deps, [contentLine({ source_url: url, author: 'Bo', body: 'Short.' })])
  const after = await database.db.selectFrom('contents').selectAll().execute()
  expect(after).toMatchObject([{ id: before.id, author: 'Bo', body: 'Short.' }])
  expect(await database.db.selectFrom('contentChunks').select(['ordinal', 'text']).execute()).toEqual([
    { ordinal: 0, text: 'Short.' },
  ])
  expect(await authorsByName()).toEqual({ ana: 0, bo: 1 })
})

test('of two lines with one URL the later stands, however often the file is read', async () => {
  const file = [contentLine({ source_url: url, body: 'Earlier.' }), contentLine({ source_url: url, body: 'Later.' })]
  for (const stored of [1, 0, 0]) {
    const { report } = await ingestLines(deps, file)
    expect(report).toMatchObject({ read: 2, stored, superseded: 1 })
    expect(await database.db.selectFrom('contents').select('body').execute()).toEqual([{ body: 'Later.' }])
  }
})

test('a content that fails half-way leaves nothing of itself, and the version before it whole', async () => {
  await ingestLines(deps, [contentLine({ source_url: url, author: 'Ana', body: 'Before.' })])
  await sql`create function fail() returns trigger language plpgsql as $$ begin raise 'no more room' using errcode = '53100'; end $$`.execute(
    database.db,
  )
  await sql`create trigger fail before insert on content_chunks for each row when (new.text like '%Fails%') execute function fail()`.execute(
    database.db,
  )
  for (const source_url of [url, 'https://example.org/new']) {
    const failing = ingestLines(deps, [contentLine({ source_url, author: 'Bo', body: 'Fails.' })])
    await expect(failing).rejects.toThrow('no more room')
  }
  await sql`drop function fail cascade`.execute(database.db)
  expect(await database.db.selectFrom('contents').select(['sourceUrl', 'body']).execute()).toEqual([
    { sourceUrl: url, body: 'Before.' },
  ])
  expect(await database.db.selectFrom('contentChunks').select('text').execute()).toEqual([{ text: 'Before.' }])
  expect(await authorsByName()).toEqual({ ana: 1 })
})

test('data that only the database finds fault with is rejected by its line, and the rest loads', async () => {
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'odd value' using errcode = '22023'; end $$`.execute(
    database.db,
  )
  await sql`create trigger refuse before insert on contents for each row when (new.title = 'Odd') execute function refuse()`.execute(
    database.db,
  )
  const { report, rejects } = await ingestLines(deps, [contentLine(), contentLine({ title: 'Odd' }), contentLine()])
  await sql`drop function refuse cascade`.execute(database.db)
  expect(report).toMatchObject({ stored: 2, rejected: 1 })
  expect(rejects).toMatchObject([{ line: { number: 2 }, reason: 'is refused by the database: odd value' }])
})

test('afterwards the statistics are up to date', async () => {
  await ingestLines(
    deps,
    Array.from({ length: 7 }, () => contentLine()),
  )
  const { rows } = await sql<{
    estimate: number
  }>`select reltuples::int as estimate from pg_class where oid = 'contents'::regclass`.execute(database.db)
  expect(rows).toEqual([{ estimate: 7 }])
})

if (inject('databaseTemplate').kind === 'postgres') {
  test('contents that swap their authors crosswise, written by two at once, are both stored', async () => {
    const [first, second] = ['https://example.org/a', 'https://example.org/b']
    for (let round = 0; round < 10; round++) {
      const [ana, bo] = round % 2 === 0 ? ['Ana', 'Bo'] : ['Bo', 'Ana']
      const write = (source_url: string, author: string | undefined) =>
        ingestLines(deps, [contentLine({ source_url, author, body: `Round ${round}.` })])
      await Promise.all([write(first, ana), write(second, bo)])
    }
    expect(await authorsByName()).toEqual({ ana: 1, bo: 1 })
  })
}

test('another model makes the vectors anew, and each keeps its name and dimension', async () => {
  const line = contentLine({ source_url: url })
  await ingestLines(deps, [line])
  const { report } = await ingestLines(await createTestDeps(database, createFakeEmbedder('other', 8)), [line])
  expect(report.stored).toBe(1)
  const chunk = await database.db
    .selectFrom('contentChunks')
    .innerJoin('embeddingModels', 'embeddingModels.id', 'contentChunks.embeddingModelId')
    .select(['name', 'dimension', 'embedding'])
    .executeTakeFirstOrThrow()
  expect(chunk).toMatchObject({ name: 'other', dimension: 8 })
  expect(JSON.parse(chunk.embedding ?? '')).toHaveLength(8)
})

test('a model that is on record uses up no further id', async () => {
  const before = await registerModel(database.db, createFakeEmbedder('once', 8))
  for (let n = 0; n < 5; n++) await registerModel(database.db, createFakeEmbedder('once', 8))
  expect((await registerModel(database.db, createFakeEmbedder('next', 8))).id).toBe(before.id + 1)
})

test('a model under a known name with another dimension is refused, and the message says what to set', async () => {
  await registerModel(database.db, createFakeEmbedder('fixed', 8))
  const refused = registerModel(database.db, createFakeEmbedder('fixed', 9))
  await expect(refused).rejects.toThrow(EmbedderError)
  await expect(refused).rejects.toThrow('Set EMBEDDING_DIMENSION=8')
})

test('a text that the model does not know goes in without a vector, to be found by word', async () => {
  const line = contentLine({ title: 'Zzz', body: 'Zyx Zwv' })
  await ingestLines(deps, [line])
  const chunk = await database.db.selectFrom('contentChunks').selectAll().executeTakeFirstOrThrow()
  expect(chunk).toMatchObject({
    embedding: null,
    embeddingModelId: null,
    searchVector: expect.stringContaining("'zyx'"),
  })
  expect((await ingestLines(deps, [line])).report.unchanged).toBe(1)
  expect((await ingestLines(await createTestDeps(database, createFakeEmbedder('newer')), [line])).report.stored).toBe(1)
})

test('null stands for nothing given', async () => {
  const { report } = await ingestLines(deps, [
    contentLine({ tags: null, metrics: null, authors: null, published_at: null }),
  ])
  expect(report.stored).toBe(1)
})

test.each([
  ['not JSON', '{"platform":', '', /not valid JSON/],
  ['a missing field', contentLine({ title: undefined }), 'title', /is required|expected string/],
  ['no URL', contentLine({ source_url: undefined }), 'source_url', /received undefined/],
  ['an unknown platform', contentLine({ platform: 'myspace' }), 'platform', /web/],
  ['a URL that is none', contentLine({ source_url: 'ftp://x' }), 'source_url', /http/],
  ['a blank body', contentLine({ body: ' \n ' }), 'body', /blank/],
  ['a NUL byte', contentLine({ body: 'a\0b' }), 'body', /NUL/],
  ['a lone surrogate', contentLine({ title: 'a\ud800b' }), 'title', /surrogate/],
  ['no author', contentLine({ author: ' , ' }), 'author', /is required/],
  ['a time that is none', contentLine({ published_at: 'yesterday' }), 'published_at', /ISO|datetime/i],
  ['a list', '[1]', '', /expected object/],
  ['a title that is blank', contentLine({ title: '  ' }), 'title', /blank/],
  [
    'a year that PostgreSQL does not know',
    contentLine({ published_at: '0000-01-01T00:00:00Z' }),
    'published_at',
    /exists/,
  ],
  ['a zone that does not exist', contentLine({ published_at: '2026-01-01T00:00:00+20:00' }), 'published_at', /exists/],
  ['a time before year 1', contentLine({ published_at: '0001-01-01T00:00:00+15:59' }), 'published_at', /exists/],
  ['a time after 9999', contentLine({ published_at: '9999-12-31T23:59:59-15:59' }), 'published_at', /exists/],
  ['one rounded to 10000', contentLine({ published_at: '9999-12-31T23:59:59.9999999Z' }), 'published_at', /exists/],
  ['a NUL byte in the URL', contentLine({ source_url: 'https://x.org/a\0' }), 'source_url', /NUL/],
  [
    'a URL too long for its index',
    contentLine({ source_url: `https://x.org/${'漢'.repeat(1500)}` }),
    'source_url',
    /2048 bytes/,
  ],
  ['an author with too long a name', contentLine({ author: `A, ${'漢'.repeat(990)}` }), 'author.1', /200 characters/],
  ['a NUL byte in the metrics', contentLine({ metrics: { note: ['a\0'] } }), 'metrics', /well-formed/],
  ['a lone surrogate in a key of the metrics', contentLine({ metrics: { 'a\ud800': 1 } }), 'metrics', /well-formed/],
  [
    'metrics nested without end',
    `{"platform":"web","source_url":"https://x.org/","author":"A","title":"T","body":"B","metrics":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    'metrics',
    /20 levels/,
  ],
])('%s is rejected by line, field and reason, and the rest loads', async (_, line, field, reason) => {
  const { report, rejects } = await ingestLines(deps, [contentLine(), line, contentLine()])
  expect(report).toMatchObject({ read: 3, stored: 2, rejected: 1 })
  expect(rejects).toEqual([expect.objectContaining({ field, reason: expect.stringMatching(reason) })])
  expect(rejects[0]?.line.number).toBe(2)
})
