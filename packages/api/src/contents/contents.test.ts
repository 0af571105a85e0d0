import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

let database: TestDatabase
let caller: ReturnType<typeof createTestCaller>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  await ingestLines(
    deps,
    Array.from({ length: 25 }, (_, n) => contentLine({ title: `Title ${n}`, platform: n % 5 === 0 ? 'rss' : 'web' })),
  )
  // The same instant for all, and one microsecond apart: what a page's edge must not lose.
  await database.db.updateTable('contents').set({ scrapedAt: '2026-01-01T00:00:00.000001Z' }).execute()
  await database.db
    .updateTable('contents')
    .set({ scrapedAt: '2026-01-01T00:00:00.000002Z' })
    .where('platform', '=', 'rss')
    .execute()
  caller = createTestCaller(deps)
})
afterAll(() => database.close())

async function walk(input: { limit: number; platform?: 'web' | 'rss' | 'twitter' }) {
  const pages: string[][] = []
  let cursor: string | null | undefined
  do {
    const page = await caller.contents.list({ ...input, ...(cursor ? { cursor } : {}) })
    pages.push(page.items.map((item) => item.id))
    cursor = page.nextCursor
  } while (cursor !== null)
  return pages
}

test('pages hold every content once, in one order, whatever their size', async () => {
  const whole = (await walk({ limit: 100 })).flat()
  expect(new Set(whole).size).toBe(25)
  const pages = await walk({ limit: 4 })
  expect(pages.map((page) => page.length)).toEqual([4, 4, 4, 4, 4, 4, 1])
  expect(pages.flat()).toEqual(whole)
  expect((await walk({ limit: 5 })).map((page) => page.length)).toEqual([5, 5, 5, 5, 5])
})

test('the list filters by platform; one without contents has an empty page', async () => {
  expect((await walk({ limit: 3, platform: 'rss' })).flat()).toHaveLength(5)
  expect(await walk({ limit: 3, platform: 'twitter' })).toEqual([[]])
})

test('the list filters by author, the second one of a byline too, over all pages', async () => {
  const deps = await createTestDeps(database)
  const titles = ['Alone', 'Together', 'Elsewhere']
  const bylines = [['Bea'], ['Cid', 'Bea'], ['Cid']]
  await ingestLines(
    deps,
    titles.map((title, n) => contentLine({ title, authors: bylines[n], source_url: `https://example.org/by/${n}` })),
  )
  const [bea] = (await caller.authors.list({ search: 'bea' })).items
  const first = await caller.contents.list({ authorId: bea?.id ?? '', limit: 1 })
  const second = await caller.contents.list({ authorId: bea?.id ?? '', limit: 1, cursor: first.nextCursor ?? '' })
  expect([...first.items, ...second.items].map(({ title }) => title).sort()).toEqual(['Alone', 'Together'])
  expect(second.nextCursor).toBeNull()
  await database.db.deleteFrom('contents').where('title', 'in', titles).execute()
})

test('a content has its body and its authors in byline order', async () => {
  const deps = await createTestDeps(database)
  await ingestLines(deps, [
    contentLine({
      source_url: 'https://example.org/two',
      authors: ['Zoe', 'Al'],
      body: 'Whole body.',
      metrics: { like_count: 3 },
    }),
  ])
  const [newest] = (await caller.contents.list({ limit: 1 })).items
  const content = await caller.contents.byId({ id: newest?.id ?? '' })
  expect(content).toMatchObject({ body: 'Whole body.', author: 'Zoe, Al', metrics: { like_count: 3 } })
  expect(content.authors.map((author) => author.username)).toEqual(['zoe', 'al'])
})

test('an unknown id is not found; a malformed one is refused', async () => {
  await expect(caller.contents.byId({ id: '00000000-0000-4000-8000-000000000000' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await expect(caller.contents.byId({ id: '42' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a cursor that is forged, cut or from another list is refused', async () => {
  const { nextCursor } = await caller.contents.list({ limit: 1 })
  const forged = Buffer.from('["contents",["now()","1"]]').toString('base64url')
  for (const cursor of ['', 'nonsense', nextCursor?.slice(0, -4) ?? '', forged]) {
    await expect(caller.contents.list({ cursor })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('cursor: '),
    })
  }
  await expect(caller.authors.list({ cursor: nextCursor ?? '' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test.each([0, 101, 1.5, Number.NaN, '5'])('a limit of %s is refused', async (limit) => {
  await expect(caller.contents.list({ limit: limit as number })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})
