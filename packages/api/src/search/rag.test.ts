import { migrate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

let database: TestDatabase
let caller: ReturnType<typeof createTestCaller>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  const filler = Array.from({ length: 150 }, (_, n) =>
    contentLine({ author: 'Filler', title: `Filler ${n}`, body: `Nothing about it, number ${n}.` }),
  )
  await ingestLines(deps, [
    ...filler,
    contentLine({ author: 'Ana', title: 'Closures', body: 'Async closures capture their environment.' }),
    contentLine({
      author: 'Bo',
      title: 'Closures elsewhere',
      body: 'Async closures in another language.',
      platform: 'rss',
    }),
    contentLine({
      authors: ['Cy', 'Ana'],
      title: 'Together',
      body: 'Two people wrote on async closures.',
      platform: 'reddit',
    }),
    contentLine({ author: 'Zed', title: 'Zzz', body: 'Zanzibar Zoology' }),
  ])
  await migrate(database)
  caller = createTestCaller(deps)
})
afterAll(() => database.close())

test('the passages that share words and meaning come first, with both legs and their content', async () => {
  const { query, count, results } = await caller.query.rag({ prompt: 'async closures', nResults: 3 })
  expect({ query, count }).toEqual({ query: 'async closures', count: 3 })
  expect(results.map((result) => result.content.title).sort()).toEqual(['Closures', 'Closures elsewhere', 'Together'])
  expect(results.map((result) => result.rank)).toEqual([1, 2, 3])
  const [best] = results
  expect(best?.passage.id).toBe(`${best?.content.id}:0`)
  expect(best?.content.sourceUrl).toMatch(/^https:/)
  expect(best?.word?.rank).toBeLessThanOrEqual(3)
  expect(best?.vector?.cosineDistance).toBeLessThan(1)
  expect(results.map((result) => result.fusedScore)).toEqual(
    results.map((result) => result.fusedScore).sort((a, b) => b - a),
  )
})

test('ten results where none are asked for; n_results is another name of nResults', async () => {
  expect((await caller.query.rag({ prompt: 'nothing about it' })).count).toBe(10)
  expect((await caller.query.rag({ prompt: 'nothing about it', n_results: 4 })).count).toBe(4)
})

test('as many passages as exist are found, though a leg alone has fewer', async () => {
  expect((await caller.query.rag({ prompt: 'nothing about it', nResults: 100 })).count).toBe(100)
})

describe('filters hold on both legs', () => {
  test.each([
    ['a platform', { platform: 'rss' as const }, ['Closures elsewhere']],
    ["an author's display name", { author: 'Bo' }, ['Closures elsewhere']],
    ["an author's username, in another case", { author: 'ANA' }, ['Closures', 'Together']],
    ['an author who is not the first', { author: 'Ana', platform: 'reddit' as const }, ['Together']],
    ['an author whom nobody knows', { author: 'Nobody' }, []],
    ['a pattern, which is searched for literally', { author: '%' }, []],
  ])('%s', async (_, filter, titles) => {
    const { results } = await caller.query.rag({ prompt: 'async closures', nResults: 100, ...filter })
    expect(results.map((result) => result.content.title).sort()).toEqual(titles)
  })

  test('also where a leg finds nothing that the other does', async () => {
    // «capture» is Ana's alone: by word it finds one passage, by meaning every passage of the platform.
    const { results } = await caller.query.rag({ prompt: 'capture', platform: 'rss' })
    expect(results.map((result) => [result.content.platform, result.word])).toEqual([['rss', null]])
  })
})

test('a prompt without a vector is searched by word', async () => {
  const { results } = await caller.query.rag({ prompt: 'Zanzibar' })
  expect(results).toMatchObject([{ content: { title: 'Zzz' }, vector: null, word: { rank: 1 } }])
})

test('a prompt of stop words or signs alone finds what meaning finds, or nothing', async () => {
  expect((await caller.query.rag({ prompt: 'the of and' })).results.every((result) => result.word === null)).toBe(true)
  expect(await caller.query.rag({ prompt: '???' })).toMatchObject({ count: 0, results: [] })
})

test.each([
  `it's a \\ 'quoted' & | ! :* <-> ( prompt`,
  '\\',
  `'`,
  '%_%',
  '日本語',
  '😀',
  'a'.repeat(8000),
  'C:\\dir\\file.txt https://x.y/z?q=1 a@b.c',
])('no prompt breaks the search: %#', async (prompt) => {
  expect((await caller.query.rag({ prompt })).query).toBe(prompt)
})

test.each([
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00-15:59',
  '2026-01-31T00:00:00.123456789+15:59',
])('the database reads every time that is let through: %s', async (time) => {
  const { count } = await caller.query.rag({ prompt: 'async closures', publishedAfter: time, publishedBefore: time })
  expect(count).toBe(0)
})

test.each([
  ['an empty prompt', { prompt: '' }, 'prompt: must not be blank'],
  ['a blank prompt', { prompt: ' \n' }, 'prompt: must not be blank'],
  ['no prompt', {}, 'prompt: is required'],
  ['a prompt too long', { prompt: 'a'.repeat(1_000_000) }, 'prompt: must be at most 8,000 characters'],
  ['a NUL byte', { prompt: 'a\0' }, 'prompt: must not contain NUL'],
  ['a lone surrogate', { prompt: 'a\udc00' }, 'prompt: must be well-formed'],
  ['n_results 0', { prompt: 'a', n_results: 0 }, 'n_results: '],
  ['nResults -1', { prompt: 'a', nResults: -1 }, 'nResults: '],
  ['nResults 1e9', { prompt: 'a', nResults: 1e9 }, 'nResults: '],
  ['nResults "ten"', { prompt: 'a', nResults: 'ten' }, 'nResults: must be a number'],
  ['nResults null', { prompt: 'a', nResults: null }, 'nResults: must be a number, not null'],
  ['both names', { prompt: 'a', nResults: 1, n_results: 1 }, 'n_results: is another name of nResults'],
  ['an unknown platform', { prompt: 'a', platform: 'myspace' }, 'platform: '],
  ['an empty tag', { prompt: 'a', tags: ['rust', ' '] }, 'tags.1: must not be empty'],
  ...['publishedAfter', 'publishedBefore'].flatMap((field) =>
    [
      '0000-01-01T00:00:00Z',
      '2026-01-31T00:00:00+16:00',
      '0001-01-01T00:00:00+23:59',
      '0001-01-01T00:00:00+15:59',
      '9999-12-31T23:59:59-23:59',
      '9999-12-31T23:59:59-15:59',
      `2026-01-31T00:00:00.${'1'.repeat(200)}Z`,
    ].map((time): [string, object, string] => [
      `${field} ${time}`,
      { prompt: 'a', [field]: time },
      `${field}: must be a time that exists`,
    ]),
  ),
  ['an unknown key', { prompt: 'a', platfrom: 'web' }, 'platfrom: is not known here'],
])('%s is refused by name', async (_, input, message) => {
  const refused = caller.query.rag(input as { prompt: string })
  await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  const { describeError } = await import('../errors.ts')
  const error = await refused.catch((caught) => caught)
  expect(describeError(error).message).toContain(message)
})
