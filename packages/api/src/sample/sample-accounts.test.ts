import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount } from '../testing/accounts.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { verifyLedger } from '../tokens/verify-ledger.ts'
import { addSampleAccounts, removeSampleAccounts } from './sample-accounts.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  await ingestLines(
    deps,
    Array.from({ length: 50 }, (_, n) => contentLine({ title: `Post ${n}`, source_url: `https://example.org/${n}` })),
  )
})
afterAll(() => database.close())

const anyone = () => createTestCaller(deps)

test('the sample fills every list with users, cards and paid attributions that are marked as made up', async () => {
  // A person who has one of the names keeps it.
  const ada = await createAccount(deps, { name: 'sample-ada' })
  await addSampleAccounts(deps)
  const { items: users } = await anyone().users.list({ limit: 100 })
  const madeUp = users.filter(({ bio }) => bio?.startsWith('Made up for the sample'))
  expect(madeUp).toHaveLength(12)
  for (const { displayName } of madeUp) expect(displayName).toMatch(/\(made up\)$/)
  expect(madeUp.map(({ username }) => username)).toContain('sample-bela')
  expect(madeUp.map(({ id }) => id)).not.toContain(ada.userId)

  const { items: cards } = await anyone().cards.list({ limit: 100 })
  expect(cards).toHaveLength(48)
  for (const { tags, contentId } of cards)
    expect([tags, contentId]).toEqual([expect.arrayContaining(['sample']), expect.any(String)])
  const card = cards.at(-1)
  const { items: backlinks } = await anyone().attributions.backlinks({ cardId: card?.id as string })
  expect(backlinks.length).toBeGreaterThan(0)
  expect(await verifyLedger(deps.db)).toMatchObject({ problems: [] })
})

test('a second time adds nothing', async () => {
  await addSampleAccounts(deps)
  expect((await anyone().cards.list({ limit: 100 })).items).toHaveLength(48)
})

test('removing the sample leaves the ledger whole, no card and no name', async () => {
  expect(await removeSampleAccounts(deps)).toBe(12)
  expect((await anyone().cards.list({ limit: 100 })).items).toEqual([])
  const { items: users } = await anyone().users.list({ limit: 100 })
  expect(JSON.stringify(users)).not.toMatch(/made up/i)
  expect(users.filter(({ username }) => username.startsWith('sample-')).map(({ username }) => username)).toEqual([
    'sample-ada',
  ])
  expect(await verifyLedger(deps.db)).toMatchObject({ problems: [] })
})

test('a user who is erased is gone from everything but the ledger, and so are their keys', async () => {
  const admin = await createAccount(deps, { scope: 'admin' })
  const gone = await createAccount(deps, { name: 'grace', tokens: '5' })
  await gone.as().cards.publish({ cards: [{ title: 'By Grace', body: '', privacyLevel: 'IDEAS' }] })
  await gone.as().researchSessions.create({ name: 'A', brief: 'B' })
  await admin.as().users.erase({ id: gone.userId })
  expect((await anyone().cards.list({ userId: gone.userId })).items).toEqual([])
  await expect(anyone().users.byUsername({ username: 'grace' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await admin.as().users.byId({ id: gone.userId })).toMatchObject({ bio: null, displayName: 'Erased user' })
  expect(JSON.stringify(await admin.as().users.byId({ id: gone.userId }))).not.toContain('grace')
  expect(await deps.keys.authenticate(gone.key)).toBeUndefined()
  expect((await admin.as().researchSessions.list({ userId: gone.userId })).items).toEqual([])
  const { items } = await admin.as().tokens.ledger({ userId: gone.userId })
  expect(items).toHaveLength(2)
  expect(await verifyLedger(deps.db)).toMatchObject({ problems: [] })
})
