import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { publishCard } from '../testing/world.ts'
import { verifyLedger } from '../tokens/verify-ledger.ts'

let database: TestDatabase
let deps: Deps
let ada: TestAccount
let bob: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps, { tokens: '10' })
  bob = await createAccount(deps, { tokens: '10' })
})
afterAll(() => database.close())

const balance = async ({ userId, ...account }: TestAccount) => (await account.as().tokens.balance({ userId })).balance

test.each([
  ['citation', '0.10000000'],
  ['remix', '0.50000000'],
  ['reply', '0.05000000'],
] as const)('a %s pays the cited author %s, once for a pair', async (type, amount) => {
  const [sourceCardId, targetCardId] = [await publishCard(ada), await publishCard(bob)]
  const before = [Number(await balance(ada)), Number(await balance(bob))] as const
  const attribution = await bob.as().attributions.create({ sourceCardId, targetCardId, type, excerpt: 'so' })
  expect(attribution).toMatchObject({ sourceUserId: ada.userId, targetUserId: bob.userId, tokensTransferred: amount })
  expect(Number(await balance(ada)) - before[0]).toBeCloseTo(Number(amount), 8)
  expect(before[1] - Number(await balance(bob))).toBeCloseTo(Number(amount), 8)
  const again = bob.as().attributions.create({ sourceCardId, targetCardId, type })
  await expect(again).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/^type: /) })
  expect((await createTestCaller(deps).attributions.counts({ cardId: sourceCardId }))[type]).toEqual({
    count: 1,
    tokens: amount,
  })
  const [entry] = (await ada.as().tokens.ledger({ userId: ada.userId, limit: 1 })).items
  expect(entry).toMatchObject({ type: 'attribution', attributionId: attribution.id, cardId: sourceCardId, amount })
  expect((await verifyLedger(deps.db)).problems).toEqual([])
})

test('an attribution that the balance does not cover changes nothing', async () => {
  const poor = await createAccount(deps)
  const targetCardId = await publishCard(poor)
  await poor.as().tokens.transfer({ toUserId: bob.userId, amount: '1' })
  const sourceCardId = await publishCard(ada)
  const refused = poor.as().attributions.create({ sourceCardId, targetCardId, type: 'reply' })
  await expect(refused).rejects.toMatchObject({ cause: { reason: 'insufficient_balance' } })
  expect((await createTestCaller(deps).attributions.backlinks({ cardId: sourceCardId })).items).toEqual([])
})

test('an attribution of one’s own or an unpublished card, or from another user’s card, is refused', async () => {
  const [mine, theirs] = [await publishCard(ada), await publishCard(bob)]
  const draft = (await bob.as().cards.draft({ title: 'D', body: '', privacyLevel: 'PRIVATE' })).id
  const create = (sourceCardId: string, targetCardId: string) =>
    ada.as().attributions.create({ sourceCardId, targetCardId, type: 'reply' })
  await expect(create(mine, await publishCard(ada))).rejects.toMatchObject({
    message: 'sourceCardId: is your own card',
  })
  await expect(create(draft, mine)).rejects.toMatchObject({ message: 'sourceCardId: no such published card' })
  await expect(create(theirs, theirs)).rejects.toMatchObject({ message: 'targetCardId: no such card of yours' })
  await ada.as().cards.unpublish({ id: mine })
  await expect(create(theirs, mine)).rejects.toMatchObject({ message: expect.stringContaining('publish it first') })
})

test('a graph with cycles ends, and tells when it was cut', async () => {
  const cards = [await publishCard(ada), await publishCard(bob), await publishCard(ada), await publishCard(bob)]
  const owners = [ada, bob, ada, bob]
  for (const [n, targetCardId] of cards.entries()) {
    const sourceCardId = cards[(n + 1) % cards.length] as string
    await owners[n]?.as().attributions.create({ sourceCardId, targetCardId, type: 'citation' })
  }
  const caller = createTestCaller(deps)
  const graph = await caller.attributions.graph({ cardId: cards[0] as string, depth: 3 })
  expect(graph.nodes.map(({ depth }) => depth)).toEqual([0, 1, 1, 2])
  expect(graph.truncated).toBe(false)
  const cut = await caller.attributions.graph({ cardId: cards[0] as string, depth: 3, maxNodes: 2 })
  expect([cut.nodes.length, cut.truncated]).toEqual([2, true])
})

test('an unpublished card leaves every list, also as the cited one', async () => {
  const [sourceCardId, targetCardId] = [await publishCard(ada), await publishCard(bob)]
  const { id } = await bob.as().attributions.create({ sourceCardId, targetCardId, type: 'remix', excerpt: 'from it' })
  const caller = createTestCaller(deps)
  const seen = async () => [
    (await caller.attributions.backlinks({ cardId: sourceCardId })).items.length,
    (await caller.attributions.received({ userId: ada.userId, limit: 100 })).items.some((item) => item.id === id),
    await caller.attributions.byId({ id }).then(
      () => true,
      () => false,
    ),
  ]
  expect(await seen()).toEqual([1, true, true])
  await ada.as().cards.unpublish({ id: sourceCardId })
  expect(await seen()).toEqual([0, false, false])
  await ada.as().cards.publish({ ids: [sourceCardId] })
  await bob.as().cards.unpublish({ id: targetCardId })
  expect(await seen()).toEqual([0, false, false])
})
