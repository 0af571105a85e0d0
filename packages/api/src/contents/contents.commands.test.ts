import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'

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
