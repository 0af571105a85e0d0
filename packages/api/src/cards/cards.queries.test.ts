import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findUserByUsername, listUsers } from '../users/users.queries.ts'
import { cardWords } from './card-words.ts'
import { countCards, getCard, listOwnCards, listPublishedCards } from './cards.queries.ts'

let database: TestDatabase
let ada: string
let bob: string
let draft: string

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const users = await database.db
    .insertInto('users')
    .values([
      { username: 'Ada', email: 'Ada@Example.org', displayName: '100% Ada' },
      { username: 'bob_b', email: 'bob@example.org', displayName: 'Bob' },
      { username: 'bobXb', email: 'bobx@example.org', displayName: 'Bob X' },
    ])
    .returning('id')
    .execute()
  ada = users[0]?.id as string
  bob = users[1]?.id as string
  const cards = await database.db
    .insertInto('cards')
    .values([
      { ...card('entropy'), tags: ['physics', 'order'], category: 'science' },
      { ...card('draft'), isPublished: false, publishedAt: null },
      { ...card('diary'), privacyLevel: 'JOURNAL' as const, isPublished: false, publishedAt: null, body: 'entropy' },
      { ...card('market'), userId: bob, publishedAt: '2026-02-02T00:00:00Z', category: 'business' },
    ])
    .returning(['id', 'slug'])
    .execute()
  draft = cards.find(({ slug }) => slug === 'draft')?.id as string
})
afterAll(() => database.close())

const card = (slug: string) => ({
  userId: ada,
  title: `On ${slug}`,
  body: `All about ${slug}, and more.`,
  searchVector: cardWords({ title: `On ${slug}`, body: `All about ${slug}, and more.` }),
  slug,
  privacyLevel: 'IDEAS' as const,
  isPublished: true,
  publishedAt: '2026-01-01T00:00:00Z' as string | null,
})
const slugs = async (filter: Partial<Parameters<typeof listPublishedCards>[1]> = {}) =>
  (await listPublishedCards(database.db, { limit: 20, ...filter })).items.map(({ slug }) => slug)

test('the public list has published cards only, newest first, with names', async () => {
  expect(await slugs()).toEqual(['market', 'entropy'])
  const { items } = await listPublishedCards(database.db, { limit: 1 })
  expect(items[0]).toMatchObject({ title: 'On market', username: 'bob_b', displayName: 'Bob' })
})

test('the public list can be narrowed by user, category, tag and words, together', async () => {
  expect(await slugs({ userId: ada })).toEqual(['entropy'])
  expect(await slugs({ category: 'business' })).toEqual(['market'])
  expect(await slugs({ tag: 'order' })).toEqual(['entropy'])
  expect(await slugs({ search: 'entropies' })).toEqual(['entropy'])
  expect(await slugs({ search: 'entropy', userId: bob })).toEqual([])
  expect(await slugs({ search: "' ) & | ! :*" })).toEqual([])
})

test('only its owner sees an unpublished card', async () => {
  expect((await getCard(database.db, { id: draft, viewerId: ada })).title).toBe('On draft')
  await expect(getCard(database.db, { id: draft, viewerId: bob })).rejects.toThrow('There is no card')
  await expect(getCard(database.db, { id: draft, viewerId: null })).rejects.toThrow('There is no card')
  const own = await listOwnCards(database.db, { userId: ada, limit: 20 })
  expect(own.items.map(({ slug }) => slug).sort()).toEqual(['diary', 'draft', 'entropy'])
  expect(await countCards(database.db, ada)).toEqual({ total: 3, published: 1 })
})

test('users are found whatever the case of their name', async () => {
  expect(await findUserByUsername(database.db, 'ADA')).toMatchObject({ id: ada })
  expect(await findUserByUsername(database.db, 'ad')).toBeUndefined()
})

test('a search takes % and _ literally', async () => {
  const names = async (search: string) =>
    (await listUsers(database.db, { limit: 20, search })).items.map(({ username }) => username).sort()
  expect(await names('b_b')).toEqual(['bob_b'])
  expect(await names('%')).toEqual(['Ada'])
  expect(await names('\\')).toEqual([])
  expect(await names('BOB')).toEqual(['bobXb', 'bob_b'])
})

test('no public list of users shows an e-mail address or a balance', async () => {
  const { items } = await listUsers(database.db, { limit: 20 })
  for (const user of items)
    expect(Object.keys(user).sort()).toEqual(['bio', 'createdAt', 'displayName', 'id', 'username'])
})
