import { migrate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

type Caller = ReturnType<typeof createTestCaller>
let database: TestDatabase
let caller: Caller

const german = 'Die Häuser am See sind alt, und die Straßen der kleinen Stadt sind im Winter sehr schmal und dunkel.'
const japanese = '東京都に住んでいます。この検索エンジンは日本語の文章を単語ごとに分けて、とても速く探します。'
const chinese = '我们在北京大学学习计算机科学，每天都在图书馆里看书，晚上一起讨论问题。'
const released = (version: string) =>
  `Release ${version} updates the bundled parser, fixes a crash of the garbage collector on small machines, adds a flag for strict checks, and removes the option that was deprecated last spring.`

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  await ingestLines(deps, [
    contentLine({ title: 'Wohnen', body: german }),
    contentLine({ title: '東京', body: japanese }),
    contentLine({ title: '北京', body: chinese }),
    contentLine({ title: 'Borrowing', body: 'The borrow checker compares lifetimes of references in every function.' }),
    contentLine({ title: 'Banks', body: 'The checker at the bank looks at what people borrow.' }),
    contentLine({ title: 'Release A', body: released('1.0') }),
    contentLine({ title: 'Release B', body: released('1.1') }),
    contentLine({
      title: 'Long',
      body: 'Telescopes gather starlight from afar. '.repeat(80).replace(/afar/g, () => `afar${Math.random()}`),
    }),
    contentLine({
      title: 'Short words',
      body: 'An async query of the index gives each thread of the Python process a tensor value, and Cargo builds the Rust.',
    }),
    contentLine({ title: 'Telescope', body: 'Nothing else is said.' }),
    contentLine({
      title: 'Something',
      body: 'A telescope is mentioned here once, among many other things of no weight.',
    }),
  ])
  await migrate(database)
  caller = createTestCaller(deps)
})
afterAll(() => database.close())

const titlesByWord = async (prompt: string) =>
  (await caller.query.rag({ prompt })).results.filter(({ word }) => word !== null).map(({ content }) => content.title)

describe('languages', () => {
  test('a content knows its language, given or detected; what is too short to tell has none', async () => {
    const languages = await database.db.selectFrom('contents').select(['title', 'language']).execute()
    const byTitle = Object.fromEntries(languages.map(({ title, language }) => [title, language]))
    expect(byTitle).toMatchObject({ Wohnen: 'de', 東京: 'ja', 北京: 'zh', Borrowing: 'en' })
  })

  test('a German word is found in another form, by German rules', async () => {
    expect(await titlesByWord('Haus')).toEqual(['Wohnen'])
    expect(await titlesByWord('Straße')).toEqual(['Wohnen'])
  })

  test.each([
    ['a Japanese word inside a sentence', '検索', '東京'],
    ['a Japanese question', '日本語の検索', '東京'],
    ['a Chinese word inside a sentence', '大学', '北京'],
    ['full-width letters', 'ｂｏｒｒｏｗ', 'Borrowing'],
  ])('%s is found', async (_, prompt, title) => {
    expect((await titlesByWord(prompt))[0]).toBe(title)
  })

  test('a sign that is part of another word is not found by itself', async () => {
    // 京 stands in 東京 and 北京 alone, never as a word.
    expect(await titlesByWord('京')).toEqual([])
  })
})

describe('operators', () => {
  test('a phrase keeps what has its words one after the other', async () => {
    expect((await titlesByWord('borrow checker')).sort()).toEqual(['Banks', 'Borrowing'])
    const { results, search } = await caller.query.rag({ prompt: '"borrow checker"' })
    expect(results.map(({ content }) => content.title)).toEqual(['Borrowing'])
    expect(search.phrases).toEqual(['borrow checker'])
  })

  test('an excluded word or phrase keeps out, on both legs and in every form', async () => {
    const { results } = await caller.query.rag({ prompt: 'checker -lifetime', nResults: 100 })
    expect(results.map(({ content }) => content.title)).toContain('Banks')
    expect(results.map(({ content }) => content.title)).not.toContain('Borrowing')
    const without = await caller.query.rag({ prompt: 'checker -"the bank"', nResults: 100 })
    expect(without.results.map(({ content }) => content.title)).not.toContain('Banks')
    expect(without.search.excluded).toEqual(['the bank'])
  })

  test.each(['"to be or not to be"', '"the"', '-"to be or not to be"', '-the'])(
    'what has only stop words keeps nothing out: %s',
    async (operator) => {
      expect(await titlesByWord(`borrow lifetimes ${operator}`)).toEqual(await titlesByWord('borrow lifetimes'))
      expect(await titlesByWord(`borrow lifetimes ${operator}`)).toEqual(['Borrowing', 'Banks'])
    },
  )

  test('a phrase of stop words beside another leaves the other its say', async () => {
    expect(await titlesByWord('"the" "borrow checker"')).toEqual(['Borrowing'])
  })

  test('a long text has no operators: its quotes are its own', async () => {
    const { search } = await caller.query.rag({
      prompt: `${'the checker of the bank '.repeat(8)}"borrow checker" -bank`,
    })
    expect(search).toMatchObject({ phrases: [], excluded: [] })
  })
})

describe('slips', () => {
  test.each(['telescpoe', 'tellescope', 'teleskope', 'telscope'])(
    '%s finds the telescopes, and says so',
    async (slip) => {
      const { results, search } = await caller.query.rag({ prompt: slip })
      expect(results[0]?.word).not.toBeNull()
      expect(search.words).toMatchObject([{ word: 'telescop', passages: expect.any(Number) }])
      expect(search.words[0]?.insteadOf).toBeDefined()
    },
  )

  test.each([
    ['asnyc', 'async'],
    ['rsut', 'rust'],
    ['cagro', 'cargo'],
    ['idnex', 'index'],
    ['qeury', 'queri'],
    ['vlaue', 'valu'],
    ['therad', 'thread'],
    ['tesnor', 'tensor'],
    ['pyhton', 'python'],
  ])('two swapped letters of a short word, which then has few trigrams alike: %s finds %s', async (slip, word) => {
    const { results, search } = await caller.query.rag({ prompt: slip })
    expect(results[0]).toMatchObject({ content: { title: 'Short words' }, word: { rank: 1 } })
    expect(search.words).toMatchObject([{ word, insteadOf: expect.any(String) }])
  })

  test('a word that is there is never replaced, and one that is like no other stays unknown', async () => {
    expect((await caller.query.rag({ prompt: 'bank' })).search.words).toMatchObject([{ word: 'bank' }])
    expect((await caller.query.rag({ prompt: 'bank' })).search.words[0]).not.toHaveProperty('insteadOf')
    expect((await caller.query.rag({ prompt: 'xylophone' })).search.words).toEqual([
      { word: 'xylophon/xylophone', passages: 0 },
    ])
  })
})

describe('the order', () => {
  test('a word in the title weighs more than one in the text', async () => {
    const titles = await titlesByWord('telescope')
    expect(titles.indexOf('Something')).toBeGreaterThan(titles.indexOf('Telescope'))
  })

  test('the answer says why: shares that add up, and the words that matched', async () => {
    const { results } = await caller.query.rag({ prompt: 'borrow lifetimes xylophone', nResults: 3 })
    expect(results[0]).toMatchObject({
      content: { title: 'Borrowing' },
      why: { matchedWords: expect.arrayContaining(['borrow', 'lifetim/lifetimes']) },
    })
    for (const { why, fusedScore } of results) expect(why.wordShare + why.vectorShare).toBeCloseTo(fusedScore, 10)
    expect(results[0]?.why.wordShare).toBeCloseTo(0.7, 10)
  })

  test('BM25 is the formula, to the last digits', async () => {
    const { results } = await caller.query.rag({ prompt: 'lifetimes bank bank' })
    const { rows } = await sql<{ title: string; bm25: number }>`
      with passage as (
        select id, content_id, search_vector,
               (select count(*) from unnest(search_vector) v, unnest(v.weights) x where x = 'A') * 1.5
                 + (select count(*) from unnest(search_vector) v, unnest(v.weights) x where x = 'D') as length
        from content_chunks),
      total as (select count(*) as n, avg(length) as average from passage),
      term as (select * from (values ('lifetim', 1), ('bank', 2)) as t (lexeme, said)),
      hit as (
        select passage.*, said, v.lexeme, (select sum(case x when 'A' then 1.5 else 1 end) from unnest(v.weights) x) as f
        from passage, unnest(search_vector) v join term using (lexeme)),
      frequency as (select lexeme, count(*) as df from hit group by 1)
      select title, sum(said * ln(1 + (n - df + 0.5) / (df + 0.5))
                        * f * 2.2 / (f + 1.2 * (0.25 + 0.75 * length / average)))::float8 as bm25
      from hit join frequency using (lexeme) join contents on contents.id = content_id, total
      group by title`.execute(database.db)
    const expected = Object.fromEntries(rows.map(({ title, bm25 }) => [title, bm25]))
    const found = results.flatMap(({ content, word }) =>
      word === null ? [] : [[content.title, word.textRank] as const],
    )
    expect(found.map(([title]) => title).sort()).toEqual(['Banks', 'Borrowing'])
    for (const [title, bm25] of found) expect(bm25).toBeCloseTo(expected[title] ?? 0, 9)
  })
})

describe('folding and grouping', () => {
  test('a passage that nearly repeats a better one is named beside it', async () => {
    const { results } = await caller.query.rag({ prompt: 'garbage collector crash', nResults: 100 })
    const releases = results.filter(({ content }) => content.title.startsWith('Release'))
    expect(releases).toHaveLength(1)
    const [kept] = releases
    expect(kept?.alsoIn).toHaveLength(1)
    expect([kept?.content.title, kept?.alsoIn[0]?.title].sort()).toEqual(['Release A', 'Release B'])
  })

  test('by content, each comes once, with its further passages beside its best one', async () => {
    const { results } = await caller.query.rag({ prompt: 'starlight telescopes', groupBy: 'content', nResults: 100 })
    const titles = results.map(({ content }) => content.title)
    expect(new Set(titles).size).toBe(titles.length)
    const long = results.find(({ content }) => content.title === 'Long')
    expect(long?.otherPassages.length).toBeGreaterThan(1)
    expect(long?.otherPassages.every(({ fusedScore }) => fusedScore <= (long?.fusedScore ?? 0))).toBe(true)
  })
})

test('twenty passages at most are named beside one, of repetitions and of its own content', async () => {
  const other = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(other)
  const numbered = (n: number) => `zebra ${Array.from({ length: 120 }, (_, word) => `n${n}w${word}`).join(' ')}.`
  await ingestLines(deps, [
    ...Array.from({ length: 25 }, (_, n) => contentLine({ title: `Copy ${n}`, body: released(`${n}.0`) })),
    contentLine({ title: 'Long', body: Array.from({ length: 60 }, (_, n) => numbered(n)).join('\n\n') }),
  ])
  await migrate(other)
  const ask = createTestCaller(deps).query.rag
  const { results: copies } = await ask({ prompt: 'garbage collector crash', nResults: 50 })
  expect(copies[0]?.alsoIn).toHaveLength(20)
  const { results: passages } = await ask({ prompt: 'zebra', groupBy: 'content', nResults: 50 })
  expect(passages[0]?.otherPassages).toHaveLength(20)
  await other.close()
})

test('exhausted says that there is no more', async () => {
  const all = await caller.query.rag({ prompt: 'telescope', nResults: 100 })
  expect(all.exhausted).toBe(true)
  expect(all.count).toBeLessThan(100)
  expect((await caller.query.rag({ prompt: 'telescope', nResults: all.count })).exhausted).toBe(false)
})

describe('filters', () => {
  const platforms = ['web', 'rss', 'reddit'] as const
  const words = ['alpha', 'beta', 'gamma', 'delta']
  let other: TestDatabase
  let filtered: Caller
  beforeAll(async () => {
    other = await createTestDatabase(inject('databaseTemplate'))
    const deps = await createTestDeps(other)
    const lines = Array.from({ length: 180 }, (_, n) =>
      contentLine({
        title: `T${n}`,
        platform: platforms[n % 3],
        author: `Author ${n % 7}`,
        tags: words.filter((_word, bit) => (n >> bit) & 1),
        published_at: n % 11 === 0 ? null : new Date(Date.UTC(2026, 0, 1 + n)).toISOString(),
        body: `${words.filter((_word, at) => (n + at) % 3 === 0).join(' ')} number${n}`,
      }),
    )
    await ingestLines(deps, lines)
    await migrate(other)
    filtered = createTestCaller(deps)
  })
  afterAll(() => other.close())

  const instant = fc.date({ min: new Date('2025-12-25'), max: new Date('2026-07-10'), noInvalidDate: true })
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const filter = fc.record({
    platform: optional(fc.constantFrom(...platforms)),
    author: optional(fc.integer({ min: 0, max: 7 }).map((n) => `author ${n}`)),
    tags: optional(fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 })),
    publishedAfter: optional(instant.map((date) => date.toISOString())),
    publishedBefore: optional(instant.map((date) => date.toISOString())),
    excluded: optional(fc.constantFrom(...words)),
  })

  test('no foreign passage ever comes, and none that belongs is missing, on either leg', async () => {
    const contents = await other.db.selectFrom('contents').selectAll().execute()
    await fc.assert(
      fc.asyncProperty(filter, fc.subarray(words, { minLength: 1 }), async ({ excluded, ...given }, asked) => {
        const prompt = [...asked, ...(excluded === undefined ? [] : [`-${excluded}`])].join(' ')
        const input = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        const { results, exhausted } = await filtered.query.rag({ prompt, nResults: 100, ...input })
        const allowed = contents.filter(
          (content) =>
            (given.platform === undefined || content.platform === given.platform) &&
            (given.author === undefined || content.author.toLowerCase() === given.author) &&
            (given.tags ?? []).every((tag) => content.tags.includes(tag)) &&
            (given.publishedAfter === undefined ||
              (content.publishedAt !== null && Date.parse(content.publishedAt) >= Date.parse(given.publishedAfter))) &&
            (given.publishedBefore === undefined ||
              (content.publishedAt !== null && Date.parse(content.publishedAt) < Date.parse(given.publishedBefore))) &&
            (excluded === undefined || !content.body.includes(excluded)),
        )
        const ids = new Set(allowed.map(({ id }) => id))
        expect(results.filter(({ content }) => !ids.has(content.id))).toEqual([])
        const found = results.length + results.reduce((sum, { alsoIn }) => sum + alsoIn.length, 0)
        if (exhausted) expect(found).toBe(allowed.length)
        else expect(results).toHaveLength(100)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['publishedAfter', 'yesterday'],
    ['publishedBefore', '2026-13-01'],
    ['tags', []],
    ['groupBy', 'author'],
  ])('a bad %s is refused by name', async (field, value) => {
    const refused = filtered.query.rag({ prompt: 'a', [field]: value } as { prompt: string })
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST', cause: { issues: [{ path: [field] }] } })
  })
})
