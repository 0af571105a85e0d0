import { Readable } from 'node:stream'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import type { Deps } from '../context.ts'
import { EmbedderError } from '../embedding/embedder.ts'
import { contentLine, createFakeEmbedder, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { registerModel } from './ingest.queries.ts'
import { IngestStoppedError, ingest } from './ingest.ts'
import { InputError, readLines } from './read-lines.ts'

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

test('authors whose names differ by a vowel sign or a symbol are two, those that differ by an accent are one', async () => {
  const names = ['किरण', 'करण', 'C# Weekly', 'C++ Weekly', 'Zoë', 'Zoe\u0308', 'Zoe']
  await ingestLines(
    deps,
    names.map((author, n) => contentLine({ author, source_url: `https://example.org/names/${n}` })),
  )
  const rows = await database.db
    .selectFrom('authors')
    .innerJoin('contentAuthors', 'contentAuthors.authorId', 'authors.id')
    .innerJoin('contents', 'contents.id', 'contentAuthors.contentId')
    .select('authors.username')
    .distinct()
    .where('sourceUrl', 'like', 'https://example.org/names/%')
    .execute()
  expect(rows.map(({ username }) => username).sort()).toEqual(['c#-weekly', 'c++-weekly', 'zoe', 'करण', 'किरण'].sort())
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

test('however its URL is spelt, a content is one', async () => {
  for (const [n, source_url] of [' HTTPS://Example.org:443/post\n', 'https://example.org/x/../p%6Fst', url].entries()) {
    expect((await ingestLines(deps, [contentLine({ source_url, body: `Version ${n}.` })])).report.stored).toBe(1)
  }
  expect(await database.db.selectFrom('contents').select(['sourceUrl', 'body']).execute()).toEqual([
    { sourceUrl: url, body: 'Version 2.' },
  ])
})

test('what is stored is what was checked: trimmed, on one line, once', async () => {
  await ingestLines(deps, [
    contentLine({
      platform: ' Twitter ',
      title: '  A\n title ',
      tags: [' a ', '', 'a', 'b\tc'],
      language: 'en-US',
      published_at: ' 20260131T1200Z\n',
      metrics: { id: '1590000000000000001', score: 0.1, big: 1e21 },
    }),
  ])
  expect(await database.db.selectFrom('contents').selectAll().executeTakeFirstOrThrow()).toMatchObject({
    platform: 'twitter',
    title: 'A title',
    tags: ['a', 'b c'],
    language: 'en',
    publishedAt: '2026-01-31T12:00:00Z',
    metrics: { id: '1590000000000000001', score: 0.1, big: 1e21 },
  })
})

test('a tweet has no title of its own, and a link no body; both are found', async () => {
  const long = 'Tides are raised by the moon, mostly, and that twice a day in nearly all the harbours of the world.'
  await ingestLines(deps, [
    contentLine({ source_url: 'https://example.org/1', title: undefined, body: long }),
    contentLine({ source_url: 'https://example.org/2', title: ' ', body: '# Short\n' }),
    contentLine({ source_url: 'https://example.org/3', title: 'Only a link about harbours', body: '' }),
    contentLine({ source_url: 'https://example.org/4', title: null, body: '漢'.repeat(200) }),
  ])
  const stored = await database.db
    .selectFrom('contents')
    .innerJoin('contentChunks', 'contentId', 'contents.id')
    .select(['title', 'body', 'text'])
    .orderBy('sourceUrl')
    .execute()
  expect(stored).toEqual([
    { title: 'Tides are raised by the moon, mostly, and that twice a day in nearly all the…', body: long, text: long },
    { title: 'Short', body: '# Short\n', text: '# Short' },
    { title: 'Only a link about harbours', body: '', text: 'Only a link about harbours' },
    { title: `${'漢'.repeat(80)}…`, body: '漢'.repeat(200), text: '漢'.repeat(200) },
  ])
})

test.each([
  ['de', 'de'],
  ['en-US', 'en'],
  ['en_GB.UTF-8', 'en'],
  ['ZH-Hant-TW', 'zh'],
  ['deu', 'de'],
  ['und', 'en'],
  [null, 'en'],
])('the language %s is %s', async (language, code) => {
  await ingestLines(deps, [
    contentLine({ language, body: 'The quick brown fox jumps over the lazy dog, again and again.' }),
  ])
  expect(await database.db.selectFrom('contents').select('language').execute()).toEqual([{ language: code }])
})

test('where the input breaks off, all that came before is stored, and the report says how much', async () => {
  async function* lines() {
    for (let n = 1; n <= 40; n++) {
      const text = JSON.stringify(contentLine())
      yield { number: n, bytes: Buffer.from(text), text }
    }
    throw new InputError('it breaks off: read EIO')
  }
  const stopped = await ingest(deps, lines()).catch((error: unknown) => error)
  expect(stopped).toBeInstanceOf(IngestStoppedError)
  expect((stopped as IngestStoppedError).report).toMatchObject({ read: 40, stored: 40 })
  expect(await database.db.selectFrom('contents').select('id').execute()).toHaveLength(40)
})

test('long contents are written in shorter batches, and the later of two in one is the newer', async () => {
  const lines = ['x', 'y', 'z'].map((title) =>
    JSON.stringify(contentLine({ title, body: title === 'z' ? 'z' : 'a b'.padEnd(1e6, ' ').concat('c') })),
  )
  const seen: number[] = []
  const file = Readable.from([Buffer.from([...lines, JSON.stringify(contentLine({ title: 'last' }))].join('\n'))])
  await ingest(deps, readLines(file), { onProgress: ({ stored }) => seen.push(stored) })
  expect(seen).toEqual([1, 2, 4])
  const { rows } = await sql`select title from contents order by scraped_at`.execute(database.db)
  expect(rows).toEqual(['x', 'y', 'z', 'last'].map((title) => ({ title })))
})

test.each(['1590000000000000001', '1e400', '0.12345678901234567890'])(
  'the number %s, which would be changed, is refused by its path',
  async (number) => {
    const line = JSON.stringify(contentLine({ metrics: { a: [{ b: '#' }] } })).replace('"#"', number)
    const { report, rejects } = await ingestLines(deps, [line, contentLine()])
    expect(report).toMatchObject({ stored: 1, rejected: 1 })
    const reason = `must be a number that a 64-bit float keeps exactly, or text in quotes: ${number}`
    expect(rejects).toMatchObject([{ field: 'metrics.a.0.b', reason }])
  },
)

test('a body that cannot be cut into passages is rejected alone', async () => {
  const { segment } = Intl.Segmenter.prototype
  const spy = vi.spyOn(Intl.Segmenter.prototype, 'segment').mockImplementation(function (this: Intl.Segmenter, text) {
    if (text.includes('Endless')) throw new RangeError('Maximum call stack size exceeded')
    return segment.call(this, text)
  })
  const { report, rejects } = await ingestLines(deps, [contentLine(), contentLine({ body: 'Endless.' }), contentLine()])
  spy.mockRestore()
  expect(report).toMatchObject({ stored: 2, rejected: 1 })
  const reason = 'cannot be cut into passages: Maximum call stack size exceeded'
  expect(rejects).toMatchObject([{ line: { number: 2 }, field: 'body', reason }])
})

test('a content that fails half-way leaves nothing of itself but its author, and the version before it whole', async () => {
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
  expect(await authorsByName()).toEqual({ ana: 1, bo: 0 })
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
  test('two runs at once over the same contents, in other orders and versions, leave each of them whole, once', async () => {
    const linesOf = (version: string) =>
      Array.from({ length: 60 }, (_, n) =>
        contentLine({
          source_url: `https://example.org/${n}`,
          authors: [`Author ${n % 5}`, `Of ${version} ${n % 3}`],
          body: `Version ${version} of ${n}. `.repeat(n % 4 === 0 ? 150 : 3),
        }),
      )
    const reports = await Promise.all([
      ingestLines(deps, linesOf('one')),
      ingestLines(deps, linesOf('two').reverse()),
      ingestLines(deps, linesOf('two')),
    ])
    expect(reports.map(({ report }) => report.rejected)).toEqual([0, 0, 0])
    const { rows } = await sql<{ passages: number; versions: number; authors: number }>`
      select (select count(*)::int from content_chunks where content_id = contents.id) as passages,
             (select count(distinct substring(text from 'Version (one|two)'))::int
              from (select text from content_chunks where content_id = contents.id
                    union all select body) as part) as versions,
             (select count(*)::int from content_authors where content_id = contents.id) as authors
      from contents order by length(source_url), source_url`.execute(database.db)
    expect(rows).toHaveLength(60)
    for (const [n, row] of rows.entries()) {
      expect(row).toEqual({ passages: n % 4 === 0 ? expect.any(Number) : 1, versions: 1, authors: 2 })
    }
    const { rows: miscounted } = await sql`
      select username from authors
      where content_count <> (select count(*) from content_authors where author_id = authors.id)
      union all
      select lexeme from search_term_counts as term
      where passage_count <> (select count(*) from search_postings where term_id = term.id)
      union all
      select 'postings' where (select count(*) from search_postings) <> (select sum(length(search_vector)) from content_chunks)`.execute(
      database.db,
    )
    expect(miscounted).toEqual([])
  })

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

test('null stands for nothing given', async () => {
  const { report } = await ingestLines(deps, [
    contentLine({ tags: null, metrics: null, authors: null, published_at: null }),
  ])
  expect(report.stored).toBe(1)
})

test.each([
  ['not JSON', '{"platform":', '', /must be JSON/],
  ['a missing field', contentLine({ source_url: undefined }), 'source_url', /^is required$/],
  ['a field that is null', contentLine({ source_url: null }), 'source_url', /^is required$/],
  ['a title that is no text', contentLine({ title: 1 }), 'title', /^must be text$/],
  ['tags that are no list', contentLine({ tags: 'a' }), 'tags', /^must be a list$/],
  ['too many tags', contentLine({ tags: Array(101).fill('a') }), 'tags', /^must have at most 100 entries$/],
  ['metrics that are no object', contentLine({ metrics: [1] }), 'metrics', /^must be an object$/],
  [
    'an unknown platform',
    contentLine({ platform: 'myspace' }),
    'platform',
    /^must be one of web, rss, youtube, reddit, twitter$/,
  ],
  ['a language that is none', contentLine({ language: 'English' }), 'language', /^must be a language tag/],
  ['a URL that is none', contentLine({ source_url: 'ftp://x' }), 'source_url', /http/],
  ['neither title nor body', contentLine({ title: ' ', body: ' \n ' }), 'title', /^is required/],
  ['a NUL byte', contentLine({ body: 'a\0b' }), 'body', /NUL/],
  ['a lone surrogate', contentLine({ title: 'a\ud800b' }), 'title', /surrogate/],
  ['no author', contentLine({ author: ' , ' }), 'author', /is required/],
  ['a time that is none', contentLine({ published_at: 'yesterday' }), 'published_at', /^must be a date/],
  ['a list', '[1]', '', /^must be an object$/],
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
  ['a NUL byte in the metrics', contentLine({ metrics: { note: ['a\0'] } }), 'metrics.note.0', /NUL/],
  [
    'the key __proto__',
    JSON.stringify(contentLine({ metrics: { a: { '#': 1 } } })).replace('#', '__proto__'),
    'metrics.a',
    /__proto__/,
  ],
  [
    'the key __proto__ at the top',
    JSON.stringify(contentLine({ metrics: { '#': 1 } })).replace('#', '__proto__'),
    'metrics',
    /__proto__/,
  ],
  ['a lone surrogate in a key of the metrics', contentLine({ metrics: { 'a\ud800': 1 } }), 'metrics', /well-formed/],
  [
    'metrics of 1,000 levels',
    `{"metrics":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)},${JSON.stringify(contentLine()).slice(1)}`,
    'metrics',
    /50 levels/,
  ],
  ['nesting without end', `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, '', /^must be nested less deeply$/],
])('%s is rejected by line, field and reason, and the rest loads', async (_, line, field, reason) => {
  const { report, rejects } = await ingestLines(deps, [contentLine(), line, contentLine()])
  expect(report).toMatchObject({ read: 3, stored: 2, rejected: 1 })
  expect(rejects).toEqual([expect.objectContaining({ field, reason: expect.stringMatching(reason) })])
  expect(rejects[0]?.line.number).toBe(2)
})
