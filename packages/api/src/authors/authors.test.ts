import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

let database: TestDatabase
let caller: ReturnType<typeof createTestCaller>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  await ingestLines(deps, [
    contentLine({ authors: ['Ana Núñez', 'Bo 100% Real', 'under_score'] }),
    contentLine({ authors: ['Ana Núñez', 'Anatol'], platform: 'rss' }),
  ])
  caller = createTestCaller(deps)
})
afterAll(() => database.close())

const namesFor = async (input: Parameters<typeof caller.authors.list>[0]) =>
  (await caller.authors.list(input)).items.map((author) => `${author.platform} ${author.displayName}`)

test('the list of authors is ordered by platform and username, page by page', async () => {
  const all = ['rss Ana Núñez', 'rss Anatol', 'web Ana Núñez', 'web Bo 100% Real', 'web under_score']
  expect(await namesFor({})).toEqual(all)
  const first = await caller.authors.list({ limit: 3 })
  expect(await namesFor({ limit: 3, cursor: first.nextCursor ?? '' })).toEqual(all.slice(3))
})

test.each([
  ['part of a display name, in another case', { search: 'nÚÑ' }, ['rss Ana Núñez', 'web Ana Núñez']],
  ['part of a username', { search: 'nunez', platform: 'web' as const }, ['web Ana Núñez']],
  ['a percent sign, literally', { search: '0%' }, ['web Bo 100% Real']],
  ['an underscore, literally', { search: 'r_s' }, ['web under_score']],
  ['a backslash, literally', { search: '\\' }, []],
])('a search finds %s', async (_, input, names) => {
  expect(await namesFor(input)).toEqual(names)
})

test('an author is found by id; an unknown id is not found', async () => {
  const [author] = (await caller.authors.list({ limit: 1 })).items
  expect(await caller.authors.byId({ id: author?.id ?? '' })).toEqual(author)
  await expect(caller.authors.byId({ id: '00000000-0000-4000-8000-000000000000' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('a cursor with a NUL is refused, not sent to the database', async () => {
  const cursor = Buffer.from('["authors",["web","a\\u0000b"]]').toString('base64url')
  await expect(caller.authors.list({ cursor })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a search of ten thousand characters is refused', async () => {
  await expect(caller.authors.list({ search: 'a'.repeat(10_000) })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})
