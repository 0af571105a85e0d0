import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { embedPassages } from '../vectors/embed-passages.ts'

let database: TestDatabase
let deps: Deps
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  admin = await createAccount(deps, { scope: 'admin' })
})
afterAll(() => database.close())

const anyone = () => createTestCaller(deps)
const post = (overrides: Record<string, unknown> = {}) =>
  admin.as().contents.put({
    platform: 'web',
    sourceUrl: 'https://example.org/quagga',
    author: 'Ana Writer',
    title: 'Quaggas',
    body: 'A quagga is a zebra.',
    ...overrides,
  })
const found = async (prompt: string) => (await anyone().query.rag({ prompt })).results.map(({ content }) => content.id)

test('a content that was put is found at once; put again under its URL it is the same one, changed', async () => {
  const { id, authors } = await post()
  expect(authors.map(({ displayName }) => displayName)).toEqual(['Ana Writer'])
  expect(await found('quagga')).toEqual([id])
  expect(await post({ body: 'An okapi is none.' })).toMatchObject({ id, body: 'An okapi is none.' })
  expect(await found('okapi')).toEqual([id])
  expect(await post({ sourceUrl: 'HTTPS://EXAMPLE.org:443/quagga' })).toMatchObject({ id })
})

test('a content that is not valid is refused by field, and nothing is stored', async () => {
  await expect(post({ sourceUrl: 'ftp://example.org' })).rejects.toMatchObject({
    cause: { reason: 'invalid_input', issues: [{ field: 'sourceUrl' }] },
  })
  await expect(post({ sourceUrl: 'https://example.org/b', author: undefined })).rejects.toMatchObject({
    cause: { issues: [{ field: 'author' }] },
  })
  await expect(post({ platform: 'myspace' })).rejects.toThrow()
  expect((await anyone().contents.list()).items).toHaveLength(1)
})

test('a deleted content is in no list, no search and no count of its author; a card about it stays', async () => {
  const { id, authors } = await post()
  const card = { title: 'On quaggas', body: '', privacyLevel: 'IDEAS' as const, contentId: id }
  await admin.as().cards.publish({ cards: [card] })
  expect(await anyone().authors.byId({ id: authors[0]?.id as string })).toMatchObject({ contentCount: 1 })
  expect(await admin.as().contents.delete({ id })).toEqual({ id })
  expect((await anyone().contents.list()).items).toEqual([])
  expect(await found('quagga')).toEqual([])
  expect(await anyone().authors.byId({ id: authors[0]?.id as string })).toMatchObject({ contentCount: 0 })
  expect((await anyone().cards.list()).items).toMatchObject([{ title: 'On quaggas', contentId: null }])
  await expect(admin.as().contents.delete({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a change keeps what it does not name; words and authors follow it at once, and the place in lists stays', async () => {
  const { id } = await post({ tags: ['zebras'], publishedAt: '2020-05', language: 'en', metrics: { likes: 1 } })
  const before = await anyone().contents.byId({ id })
  await post({ sourceUrl: 'https://example.org/later' })
  const changed = await admin.as().contents.update({ id, body: 'A thylacine is none.', authors: ['Bo', 'Cy'] })
  const { authors: _, contentHash: __, ...rest } = before
  expect(changed).toMatchObject({ ...rest, body: 'A thylacine is none.', author: 'Bo, Cy' })
  expect(await found('thylacine')).toEqual([id])
  expect((await anyone().query.rag({ prompt: 'thylacine', author: 'cy', tags: ['zebras'] })).count).toBe(1)
  expect((await anyone().contents.list()).items.at(-1)?.id).toBe(id)
  expect(await anyone().authors.byId({ id: before.authors[0]?.id as string })).toMatchObject({ contentCount: 1 })
  const untimed = await admin.as().contents.update({ sourceUrl: 'https://EXAMPLE.org/quagga', publishedAt: null })
  expect(untimed).toMatchObject({ id, title: 'Quaggas', body: 'A thylacine is none.', publishedAt: null })
  const { items } = await admin.as().audit.list({ limit: 1 })
  expect(items).toMatchObject([{ action: 'contents.update', target: id, details: { changed: ['publishedAt'] } }])
  await admin.as().contents.delete({ sourceUrl: 'https://example.org/later' })
})

test('metrics alone leave the passages and their vectors as they are; another title has them read anew', async () => {
  const { id } = await post({ sourceUrl: 'https://example.org/likes' })
  await embedPassages(deps)
  const passages = () =>
    deps.db.selectFrom('contentChunks').select(['id', 'embedding']).where('contentId', '=', id).execute()
  const before = await passages()
  expect(before[0]?.embedding).not.toBeNull()
  expect(await admin.as().contents.update({ id, metrics: { likes: 7 } })).toMatchObject({ metrics: { likes: 7 } })
  expect(await passages()).toEqual(before)
  await admin.as().contents.update({ id, title: 'Zebras of old' })
  expect((await passages())[0]?.embedding).toBeNull()
  await embedPassages(deps)
  expect((await passages())[0]?.embedding).not.toBeNull()
})

test('a language that the text told is told anew; one that was given stays', async () => {
  const german = 'Das Quagga ist ein Zebra, das es seit dem Jahr 1883 nicht mehr gibt.'
  const languageOf = (id: string) =>
    deps.db.selectFrom('contents').select('language').where('id', '=', id).executeTakeFirstOrThrow()
  const english = 'The quagga is a zebra that has not been seen since the year 1883.'
  const told = await post({ sourceUrl: 'https://example.org/told', title: 'Quagga', body: english })
  const given = await post({ sourceUrl: 'https://example.org/given', title: 'Quagga', body: english, language: 'fr' })
  for (const { id } of [told, given]) await admin.as().contents.update({ id, body: german })
  expect(await Promise.all([told, given].map(({ id }) => languageOf(id)))).toEqual([
    { language: 'de' },
    { language: 'fr' },
  ])
})

test('a change is refused where the content has changed since it was read, is not valid, or names none', async () => {
  const { id, contentHash } = await post({ sourceUrl: 'https://example.org/twice' })
  const update = (change: object) => admin.as().contents.update(change as never)
  await update({ id, ifContentHash: contentHash, title: 'First' })
  await expect(update({ id, ifContentHash: contentHash, title: 'Second' })).rejects.toMatchObject({
    code: 'CONFLICT',
    cause: { issues: [{ field: 'ifContentHash' }] },
  })
  expect(await anyone().contents.byId({ id })).toMatchObject({ title: 'First' })
  await expect(update({ id, publishedAt: 'yesterday' })).rejects.toThrow('publishedAt: must be a date')
  await expect(update({ id, authors: [] })).rejects.toThrow('author: is required')
  for (const wrong of [{ id }, { title: 'x' }, { id, sourceUrl: 'https://example.org/twice', title: 'x' }]) {
    await expect(update(wrong)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  }
  await expect(update({ sourceUrl: 'https://example.org/none', title: 'x' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    cause: { issues: [{ field: 'sourceUrl' }] },
  })
})
