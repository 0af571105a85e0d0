import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { getAttributionGraph } from './attribution-graph.queries.ts'
import { countBacklinks, getAttribution, listBacklinks, listReceived } from './attributions.queries.ts'
import { AttributionGraphInput } from './attributions.schema.ts'

const id = (kind: string, letter: string) =>
  `00000000-0000-4000-8000-${kind}${(letter.codePointAt(0) ?? 0).toString(16).padStart(11, '0')}`
const user = (letter: string) => id('a', letter)
const card = (letter: string) => id('c', letter)

let database: TestDatabase
const queries: CompiledQuery[] = []

/** A cites B, B cites C, C cites A; D, a draft, cites A and is cited by E; F stands alone. Each card has its own user. */
const edges = [
  ['a', 'b', 'citation'],
  ['b', 'c', 'remix'],
  ['c', 'a', 'reply'],
  ['d', 'a', 'citation'],
  ['e', 'd', 'citation'],
] as const

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'), { onQuery: (query) => queries.push(query) })
  const { db } = database
  const letters = ['a', 'b', 'c', 'd', 'e', 'f']
  await db
    .insertInto('users')
    .values(
      letters.map((letter) => ({ id: user(letter), username: letter, email: `${letter}@x.org`, displayName: letter })),
    )
    .execute()
  await db
    .insertInto('cards')
    .values(
      letters.map((letter) => ({
        id: card(letter),
        userId: user(letter),
        title: letter.toUpperCase(),
        body: '',
        slug: letter,
        privacyLevel: letter === 'd' ? ('PRIVATE' as const) : ('IDEAS' as const),
        isPublished: letter !== 'd',
        publishedAt: letter === 'd' ? null : '2026-01-01T00:00:00Z',
      })),
    )
    .execute()
  await db
    .insertInto('attributions')
    .values(
      edges.map(([target, source, type], index) => ({
        targetCardId: card(target),
        targetUserId: user(target),
        sourceCardId: card(source),
        sourceUserId: user(source),
        type,
        tokensTransferred: '0.1',
        createdAt: `2026-01-0${index + 1}T00:00:00Z`,
      })),
    )
    .execute()
})
afterAll(() => database.close())

const titlesOf = ({ items }: { items: readonly { targetTitle: string }[] }) =>
  items.map(({ targetTitle }) => targetTitle)

test('backlinks come newest first, with names, in one query', async () => {
  queries.length = 0
  const page = await listBacklinks(database.db, { cardId: card('b'), limit: 20, viewerId: null })
  expect(queries).toHaveLength(1)
  expect(page.items).toMatchObject([
    {
      targetCardId: card('a'),
      targetTitle: 'A',
      targetUsername: 'a',
      sourceUserId: user('b'),
      type: 'citation',
      tokensTransferred: '0.10000000',
    },
  ])
})

test("a private card that cites another shows up for its owner alone, in no one else's list, detail or count of nodes", async () => {
  const backlinks = async (viewerId: string | null) =>
    titlesOf(await listBacklinks(database.db, { cardId: card('a'), limit: 20, viewerId }))
  expect(await backlinks(null)).toEqual(['C'])
  expect(await backlinks(user('a'))).toEqual(['C'])
  expect(await backlinks(user('d'))).toEqual(['D', 'C'])

  const cited = async (viewerId: string | null) =>
    (await countBacklinks(database.db, { cardId: card('a'), viewerId })).citation
  expect(await cited(null)).toEqual({ count: 0, tokens: '0.00000000' })
  expect(await cited(user('d'))).toEqual({ count: 1, tokens: '0.10000000' })

  const received = await listReceived(database.db, { userId: user('a'), limit: 20, viewerId: user('a') })
  expect(titlesOf(received)).toEqual(['C'])

  const own = await listBacklinks(database.db, { cardId: card('a'), limit: 20, viewerId: user('d') })
  const hidden = own.items[0]?.id as string
  expect(await getAttribution(database.db, { id: hidden, viewerId: user('d') })).toMatchObject({
    targetTitle: 'D',
    sourceUsername: 'a',
  })
  await expect(getAttribution(database.db, { id: hidden, viewerId: null })).rejects.toThrow('There is no attribution')
})

test('the graph ends on a cycle, knows each card once, at its least distance', async () => {
  queries.length = 0
  const { nodes, truncated } = await getAttributionGraph(database.db, { cardId: card('a'), depth: 3, viewerId: null })
  expect(queries).toHaveLength(1)
  expect(truncated).toBe(false)
  expect(nodes.map(({ title, depth }) => `${title}${depth}`)).toEqual(['A0', 'B1', 'C1'])
  expect(nodes.map(({ cites }) => cites)).toEqual([
    [{ cardId: card('b'), type: 'citation' }],
    [{ cardId: card('c'), type: 'remix' }],
    [{ cardId: card('a'), type: 'reply' }],
  ])
})

test('the graph neither shows a private card nor walks through it, save for its owner', async () => {
  const titles = async (viewerId: string | null, cardLetter = 'a') =>
    (await getAttributionGraph(database.db, { cardId: card(cardLetter), depth: 3, viewerId })).nodes.map(
      ({ title }) => title,
    )
  expect(await titles(null)).toEqual(['A', 'B', 'C'])
  expect(await titles(user('d'))).toEqual(['A', 'B', 'C', 'D', 'E'])
  expect(await titles(null, 'd')).toEqual([])
  expect(await titles(null, 'f')).toEqual(['F'])
})

test('the graph stops at its limit and says so', async () => {
  const graph = await getAttributionGraph(database.db, { cardId: card('a'), depth: 3, viewerId: null, maxNodes: 2 })
  expect(graph.truncated).toBe(true)
  expect(graph.nodes.map(({ title }) => title)).toEqual(['A', 'B'])
})

test('a graph reaches 1 to 3 steps', () => {
  const cardId = card('a')
  expect(AttributionGraphInput.parse({ cardId })).toMatchObject({ cardId, depth: 1 })
  for (const depth of [0, 4, 1.5, Number.NaN]) expect(() => AttributionGraphInput.parse({ cardId, depth })).toThrow()
})
