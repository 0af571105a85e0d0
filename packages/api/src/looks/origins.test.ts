import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { Article, Origin } from '@extropy/intake'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { commandContext } from '../imports/store-archive.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { storeArticles } from './store-articles.ts'

let database: TestDatabase
let deps: Awaited<ReturnType<typeof createTestDeps>>
let ada: TestAccount
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps)
  admin = await createAccount(deps, { scope: 'admin' })
})
beforeEach(async () => {
  await database.db.deleteFrom('contents').execute()
})
afterAll(() => database.close())

const feed = { platform: 'rss', key: 'https://example.org/feed.xml' } as const
const site = { platform: 'web', key: 'https://example.org/' } as const
const article = (name: string, document: Origin['document'] | undefined, more: Partial<Article> = {}): Article => ({
  url: `https://example.org/${name}`,
  title: name,
  body: `All about ${name}, at such a length that it is a text of its own, and none that two writers would write by chance. `.repeat(
    3,
  ),
  origin: {
    url: `https://example.org/${name}`,
    status: 200,
    etag: '"7"',
    contentType: 'text/html',
    ...(document !== undefined && { document }),
  },
  ...more,
})
const look = (
  articles: readonly Article[],
  target: Parameters<typeof storeArticles>[2] = feed,
  snapshotMaxBytes?: number,
) => storeArticles(commandContext({ ...deps, snapshotMaxBytes }), articles, target)
const caller = () => createTestCaller(deps)
const documents = () => database.db.selectFrom('rawDocuments').select(['sizeBytes', 'bytes']).execute()

test('a document is kept as it came, compressed, in UTF-8, and read by anyone who reads the content', async () => {
  const page = `<!doctype html><meta charset="iso-8859-1"><script>alert(1)</script>${'<p>Größe</p>'.repeat(200)}`
  const { contentIds } = await look([article('moss', Buffer.from(page, 'latin1'))])
  const id = contentIds[0] as string
  const { snapshot } = await caller().contents.snapshot({ id })
  expect(snapshot).toMatchObject({ document: page, contentType: 'text/html', sizeBytes: Buffer.byteLength(page) })
  expect((await documents())[0]?.bytes.length).toBeLessThan(200)
})

test('the same document is kept once, and goes with the last content that was read from it', async () => {
  const { contentIds } = await look([
    article('moss', 'the same'),
    article('peat', 'the same'),
    article('fern', 'another'),
  ])
  expect(await documents()).toHaveLength(2)
  await admin.as().contents.delete({ id: contentIds[0] as string })
  expect(await documents()).toHaveLength(2)
  await admin.as().contents.delete({ id: contentIds[1] as string })
  expect((await documents()).map(({ sizeBytes }) => sizeBytes)).toEqual(['another'.length])
  await look([article('fern', 'another one')])
  expect((await documents()).map(({ sizeBytes }) => sizeBytes)).toEqual(['another one'.length])
  expect((await caller().contents.snapshot({ id: contentIds[2] as string })).snapshot?.document).toBe('another one')
})

test('too large a document is not kept, none is with 0, and what was handed over never is', async () => {
  const { contentIds: large } = await look([article('moss', 'x'.repeat(1001))], feed, 1000)
  const { contentIds: off } = await look([article('peat', 'x')], feed, 0)
  const { origin: _, ...handedOver } = article('fern', 'x')
  const { contentIds: given } = await look([handedOver])
  for (const id of [...large, ...off, ...given])
    expect(await caller().contents.snapshot({ id })).toEqual({ snapshot: null })
  expect(await documents()).toEqual([])
  expect((await ada.as().contents.origins({ id: large[0] as string })).items).toMatchObject([{ snapshotAt: null }])
  expect((await ada.as().contents.origins({ id: given[0] as string })).items).toEqual([])
})

test('a copy elsewhere, and a summary, leave the document that the text was read from', async () => {
  const whole = article('moss', 'the page')
  const { contentIds } = await look([whole], site)
  const id = contentIds[0] as string
  await look([
    {
      ...whole,
      url: 'https://elsewhere.example.org/moss',
      origin: { ...(whole.origin as Origin), document: 'a copy' },
    },
  ])
  await look([article('moss', 'a summary', { body: 'All about it.' })])
  expect((await caller().contents.snapshot({ id })).snapshot?.document).toBe('the page')
})

test('where it was met is told to whoever has a key: each target once, with the source that is followed', async () => {
  await ada.as().sources.create({ platform: 'rss', target: feed.key })
  const key = (await ada.as().sources.list({})).items[0]
  const { contentIds } = await look([article('moss', 'one')], { platform: 'rss', key: key?.target ?? '' })
  const id = contentIds[0] as string
  await look([article('moss', 'one')], { platform: 'rss', key: key?.target ?? '' })
  await look([article('moss', 'one')], site)
  const { items } = await ada.as().contents.origins({ id })
  expect(items.toSorted((a, b) => a.platform.localeCompare(b.platform))).toMatchObject([
    { platform: 'rss', url: 'https://example.org/moss', httpStatus: 200, etag: '"7"', source: { id: key?.id } },
    { platform: 'web', source: null },
  ])
  await expect(caller().contents.origins({ id })).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  const nobody = { id: '00000000-0000-4000-8000-000000000000' }
  await expect(ada.as().contents.origins(nobody)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(caller().contents.snapshot(nobody)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
