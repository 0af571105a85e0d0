import { createPartitions } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { draftCard, publishCard, secret } from '../testing/world.ts'
import { slugOf } from './slug.ts'

let database: TestDatabase
let deps: Deps
let ada: TestAccount
let bob: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps)
  bob = await createAccount(deps)
})
afterAll(() => database.close())

const card = (title: string, privacyLevel: 'BUSINESS' | 'IDEAS' | 'PERSONAL' | 'PRIVATE' | 'THOUGHTS' | 'JOURNAL') => ({
  title,
  body: '# A *body*',
  privacyLevel,
})
const earned = async (account: TestAccount) => (await account.as().tokens.stats({ userId: account.userId })).earned

describe('publishing', () => {
  test('many cards at once publishes BUSINESS and IDEAS; the others are counted and not stored', async () => {
    const before = Number(await earned(ada))
    const cards = (['BUSINESS', 'IDEAS', 'PERSONAL', 'PRIVATE', 'THOUGHTS', 'JOURNAL'] as const).map((level) =>
      card(`${level} ${secret}`, level),
    )
    const answer = await ada.as().cards.publish({ cards })
    expect(answer).toMatchObject({ publishedCount: 2, filteredCount: 4, tokensEarned: '2.00000000' })
    expect(answer.published.map(({ privacyLevel }) => privacyLevel)).toEqual(['BUSINESS', 'IDEAS'])
    expect(Number(await earned(ada)) - before).toBe(2)
    const mine = (await ada.as().cards.mine({ limit: 100 })).items.map(({ privacyLevel }) => privacyLevel)
    expect(new Set(mine)).toEqual(new Set(['BUSINESS', 'IDEAS']))
  })

  test('returns drafts and new cards in the order given, each once', async () => {
    const drafts: string[] = []
    for (const n of [1, 2, 3, 4]) drafts.push((await ada.as().cards.draft(card(`Draft ${n}`, 'IDEAS'))).id)
    for (const ids of [drafts.slice(0, 2), drafts.toReversed()]) {
      const cards = [card('New one', 'IDEAS'), card('New two', 'IDEAS')]
      const { published } = await ada.as().cards.publish({ ids: [...ids, ...ids], cards })
      expect(published.slice(0, -2).map(({ id }) => id)).toEqual(ids)
      expect(published.slice(-2).map(({ title }) => title)).toEqual(['New one', 'New two'])
    }
  })

  test('leaves a private draft a draft, and counts it', async () => {
    const id = await draftCard(ada)
    expect(await ada.as().cards.publish({ ids: [id] })).toMatchObject({ published: [], filteredCount: 1 })
    expect(await ada.as().cards.byId({ id })).toMatchObject({ isPublished: false })
    await expect(bob.as().cards.byId({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('fails as a whole where one card is not the caller’s, and names its place', async () => {
    const mine = (await ada.as().cards.draft(card('Mine', 'IDEAS'))).id
    const theirs = (await bob.as().cards.draft(card('Theirs', 'IDEAS'))).id
    const refused = ada.as().cards.publish({ ids: [mine, theirs] })
    await expect(refused).rejects.toMatchObject({ message: 'ids.1: no such card of yours' })
    expect(await ada.as().cards.byId({ id: mine })).toMatchObject({ isPublished: false })
  })

  test('a card again after unpublishing keeps its time and earns no more', async () => {
    const id = await publishCard(ada)
    const first = await ada.as().cards.byId({ id })
    const before = await earned(ada)
    await ada.as().cards.unpublish({ id })
    await expect(bob.as().cards.byId({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await ada.as().cards.publish({ ids: [id] })).toMatchObject({ tokensEarned: '0.00000000' })
    expect((await ada.as().cards.byId({ id })).publishedAt).toBe(first.publishedAt)
    expect(await earned(ada)).toBe(before)
  })

  test('twice with one Idempotency-Key makes the cards once', async () => {
    const request = { cards: [card('Only once', 'IDEAS')] }
    const first = await ada.as('publish-1').cards.publish(request)
    expect(await ada.as('publish-1').cards.publish(request)).toEqual(first)
    const twice = (await ada.as().cards.mine({ limit: 100 })).items.filter(({ title }) => title === 'Only once')
    expect(twice).toHaveLength(1)
    const other = ada.as('publish-1').cards.publish({ cards: [card('Another', 'IDEAS')] })
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('the rewards of a day', () => {
  test('stop at the limit, also for concurrent requests, and count cards deleted since', async () => {
    const own = await createAccount(deps)
    const { cards } = createTestCaller({ ...deps, rewardsPerDay: 5 }, own.principal)
    const publish = (count: number) =>
      cards.publish({ cards: Array.from({ length: count }, (_, n) => card(`${n}`, 'IDEAS')) })
    const first = await publish(2)
    expect(first.tokensEarned).toBe('2.00000000')
    for (const { id } of first.published) await cards.delete({ id })
    const answers = await Promise.all([publish(2), publish(2), publish(2)])
    expect(answers.map(({ tokensEarned }) => tokensEarned).sort()).toEqual(['0.00000000', '1.00000000', '2.00000000'])
    expect(answers.map(({ publishedCount }) => publishedCount)).toEqual([2, 2, 2])
    expect(await earned(own)).toBe('5.00000000')
  })

  test('count the last 24 hours of that user alone, and no awards', async () => {
    const own = await createAccount(deps, { tokens: '1' })
    const late = createTestCaller({ ...deps, rewardsPerDay: 1 }, own.principal)
    const publish = () => late.cards.publish({ cards: [card('Daily', 'IDEAS')] })
    expect((await publish()).tokensEarned).toBe('1.00000000')
    expect((await publish()).tokensEarned).toBe('0.00000000')
    await createPartitions(deps.db, { from: new Date(Date.now() - 48 * 3_600_000) })
    await deps.db.transaction().execute(async (trx) => {
      await sql`set local session_replication_role = replica`.execute(trx)
      await sql`update extropy_ledger set created_at = created_at - interval '25 hours' where to_user_id = ${own.userId}`.execute(
        trx,
      )
    })
    expect((await publish()).tokensEarned).toBe('1.00000000')
  })
})

describe('editing', () => {
  test('changes the given fields and leaves the others', async () => {
    const { id } = await ada.as().cards.draft({ ...card('Before', 'IDEAS'), tags: ['a'], category: 'c' })
    const edited = await ada.as().cards.edit({ id, title: 'After', category: null })
    expect(edited).toMatchObject({ title: 'After', tags: ['a'], category: null, body: '# A *body*' })
  })

  test('cannot make a published card private', async () => {
    const id = await publishCard(ada)
    const refused = ada.as().cards.edit({ id, privacyLevel: 'JOURNAL' })
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/^privacyLevel: /) })
  })

  test('accepts as parent a published card or one’s own; another user’s private card looks missing', async () => {
    const theirs = await draftCard(bob)
    const absent = '00000000-0000-4000-8000-000000000000'
    const draft = (parentCardId: string) => ada.as().cards.draft({ ...card('Child', 'IDEAS'), parentCardId })
    const [one, other] = await Promise.all(
      [theirs, absent].map((id) => draft(id).catch((error: Error) => error.message)),
    )
    expect(one).toBe('parentCardId: no such card that you can see')
    expect(other).toBe(one)
    const parent = await publishCard(bob)
    const child = await draft(parent)
    expect(child.parentCardId).toBe(parent)
    await expect(ada.as().cards.edit({ id: child.id, parentCardId: child.id })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    const content = ada.as().cards.draft({ ...card('About', 'IDEAS'), contentId: absent })
    await expect(content).rejects.toMatchObject({ message: 'contentId: no such content' })
  })

  test('an unpublished parent is null to everyone but its author, in every answer, and lists nothing', async () => {
    const parentCardId = await publishCard(bob)
    const own = await publishCard(ada)
    const children = [
      { ...card('Under another’s', 'IDEAS'), parentCardId },
      { ...card('Under mine', 'IDEAS'), parentCardId: own },
    ]
    const { published } = await ada.as().cards.publish({ cards: children })
    expect(published.map((child) => child.parentCardId)).toEqual([parentCardId, own])
    const [theirs, mine] = published.map(({ id }) => id) as [string, string]
    const parents = async (account?: TestAccount) => {
      const { cards } = createTestCaller(deps, account?.principal)
      const { items } = await cards.list({ userId: ada.userId, limit: 100 })
      const one = await Promise.all([theirs, mine].map(async (id) => (await cards.byId({ id })).parentCardId))
      return [one, [theirs, mine].map((id) => items.find((item) => item.id === id)?.parentCardId)]
    }
    const known = [parentCardId, own]
    for (const caller of [undefined, ada, bob]) expect(await parents(caller)).toEqual([known, known])
    await bob.as().cards.unpublish({ id: parentCardId })
    await ada.as().cards.unpublish({ id: own })
    const nothing = [null, null]
    expect(await parents()).toEqual([nothing, nothing])
    expect(await parents(ada)).toEqual([[null, own], nothing])
    expect(await parents(bob)).toEqual([[parentCardId, null], nothing])
    const owned = (await ada.as().cards.mine({ limit: 100 })).items
    expect([theirs, mine].map((id) => owned.find((item) => item.id === id)?.parentCardId)).toEqual([null, own])
    expect((await ada.as().cards.edit({ id: theirs, body: 'Another' })).parentCardId).toBeNull()
    for (const filter of known) expect((await bob.as().cards.list({ parentCardId: filter })).items).toEqual([])
    await bob.as().cards.publish({ ids: [parentCardId] })
    expect((await bob.as().cards.byId({ id: theirs })).parentCardId).toBe(parentCardId)
    expect((await bob.as().cards.list({ parentCardId })).items.map(({ id }) => id)).toEqual([theirs])
  })

  test.each([
    ['title', { title: 'x'.repeat(1001) }, 'must be at most 1,000 characters'],
    ['title', { title: ' ' }, 'must not be blank'],
    ['tags', { tags: Array(101).fill('t') }, 'must be at most 100 tags'],
    ['privacyLevel', { privacyLevel: 'PUBLIC' }, 'must be one of BUSINESS, IDEAS'],
    ['body', { body: 'a\0' }, 'must not contain NUL'],
    ['userId', { userId: '00000000-0000-4000-8000-000000000000' }, 'is not known here'],
  ])('a wrong %s is refused by name', async (field, wrong, message) => {
    const refused = ada.as().cards.draft({ ...card('T', 'IDEAS'), ...wrong } as never)
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(field) })
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(message) })
  })
})

test('no list, count or search of anyone else has a private card', async () => {
  await draftCard(ada)
  const { published } = await ada.as().cards.publish({ cards: [card(`${secret} out`, 'IDEAS')] })
  const id = published[0]?.id as string
  await ada.as().cards.unpublish({ id })
  await ada.as().cards.edit({ id, privacyLevel: 'JOURNAL' })
  for (const caller of [bob.as(), createTestCaller(deps)]) {
    for (const filter of [{}, { userId: ada.userId }, { search: secret }]) {
      const { items } = await caller.cards.list({ limit: 100, ...filter })
      expect(JSON.stringify(items)).not.toContain(`${secret} title`)
      expect(items.map((item) => item.id)).not.toContain(id)
    }
  }
})

test('a draft that was renamed before publication does not show its private title in its slug', async () => {
  const draft = await ada.as().cards.draft(card('My private affair', 'JOURNAL'))
  await ada.as().cards.edit({ id: draft.id, title: 'On leadership', privacyLevel: 'BUSINESS' })
  const { published } = await ada.as().cards.publish({ ids: [draft.id] })
  expect(published[0]?.slug).toMatch(/^on-leadership/)
  const renamed = await ada.as().cards.edit({ id: draft.id, title: 'On something else' })
  expect(renamed.slug).toBe(published[0]?.slug)
})

test('titles become slugs, each unique for its user', async () => {
  expect(slugOf('Why Entropy, again?')).toBe('why-entropy-again')
  expect(slugOf('Ångström & Ünïcode')).toBe('angstrom-unicode')
  expect(slugOf('エントロピー')).toBe('エントロピー'.normalize('NFKD').replace(/\p{M}/gu, ''))
  expect(slugOf('!!!')).toBe('card')
  expect(slugOf('a'.repeat(500))).toHaveLength(80)
  const slugs = await Promise.all(
    Array.from({ length: 5 }, async () => (await ada.as().cards.draft(card('Same', 'IDEAS'))).slug),
  )
  expect(new Set(slugs).size).toBe(5)
  expect(slugs.filter((slug) => slug === 'same')).toHaveLength(1)
  expect((await bob.as().cards.draft(card('Same', 'IDEAS'))).slug).toBe('same')
})

test('drafts that are renamed alike at once all get their new title, and a slug each', async () => {
  const drafts = await Promise.all(
    Array.from({ length: 8 }, (_, n) => ada.as().cards.draft(card(`Draft ${n}`, 'IDEAS'))),
  )
  for (const title of ['Alike', 'Alike still', 'Alike once more']) {
    const renamed = await Promise.all(drafts.map(({ id }) => ada.as().cards.edit({ id, title })))
    expect(new Set(renamed.map(({ slug }) => slug)).size).toBe(8)
    expect(renamed.every(({ slug }) => slug.startsWith(slugOf(title)))).toBe(true)
  }
})
