import { withScope } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'
import { createWorld, draftCard, publishCard, secret, type World } from '../testing/world.ts'
import { ArchiveLine } from './archive.schema.ts'
import { archiveUser } from './archive.ts'

let database: TestDatabase
let deps: Deps
let world: World
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  world = await createWorld(deps)
})
afterAll(() => database.close())

async function archiveOf({ userId }: TestAccount, by: TestAccount): Promise<ArchiveLine[]> {
  return Array.fromAsync(await by.as().users.export({ id: userId }))
}

test('an archive has all that a user owns, in lines that the schema describes, and no secret', async () => {
  const { owner, stranger, publishedCardId, attributionId } = world
  const privateCardId = await draftCard(owner)
  const citing = await publishCard(owner, 'Citing')
  const source = { sourceCardId: world.strangersCardId, targetCardId: citing, type: 'remix' } as const
  const made = await owner.as().attributions.create(source)
  const session = await owner.as().researchSessions.create({ name: 'Job', brief: 'Find out' })
  await draftCard(stranger)
  const lines = await archiveOf(owner, owner)
  for (const line of lines) expect(ArchiveLine.parse(line)).toEqual(line)
  const ids = (type: ArchiveLine['type'], key: string) =>
    lines.filter((line) => line.type === type).map((line) => (line as never as Record<string, { id: string }>)[key]?.id)
  expect(lines[0]).toMatchObject({ type: 'user', user: { id: owner.userId, email: 'owner@example.org' } })
  expect(ids('card', 'card').sort()).toEqual([publishedCardId, privateCardId, citing].sort())
  expect(JSON.stringify(lines)).toContain(secret)
  expect(ids('attributionMade', 'attribution')).toEqual([made.id])
  expect(ids('attributionReceived', 'attribution')).toEqual([attributionId])
  expect(ids('researchSession', 'researchSession')).toEqual([session.id])
  // Awarded, rewarded for two cards, paid for one citation and paying for another.
  expect(ids('movement', 'movement')).toHaveLength(5)
  expect(ids('key', 'key').sort()).toEqual([owner.principal.keyId, world.reader.principal.keyId].sort())
  expect(JSON.stringify(lines)).not.toMatch(/keyHash|extro_live_[\w-]{7}/)
  expect(ids('act', 'act').length).toBeGreaterThan(0)
  expect(lines.at(-1)).toEqual({ type: 'done', lines: lines.length - 1 })
})

test('only the user and admins get it; of an unknown user there is none', async () => {
  const { owner, stranger, admin } = world
  expect(await archiveOf(owner, admin)).toEqual(await archiveOf(owner, owner))
  await expect(archiveOf(owner, stranger)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(createTestCaller(deps).users.export({ id: owner.userId })).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  })
  const unknown = { userId: '00000000-0000-4000-8000-000000000000' } as TestAccount
  await expect(archiveOf(unknown, admin)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a large account is read a page at a time, as its lines are taken', async () => {
  const many = await createAccount(deps, { name: 'many' })
  const card = (n: number) => ({
    userId: many.userId,
    title: `Card ${n}`,
    body: 'x',
    privacyLevel: 'JOURNAL' as const,
    slug: `card-${n}`,
  })
  await deps.db
    .insertInto('cards')
    .values(Array.from({ length: 1050 }, (_, n) => card(n)))
    .execute()
  const timing = { poolMs: 0, queryMs: 0, queries: 0 }
  const lines = await archiveUser(withScope(deps.db, { timing }), many.userId)
  const titles = new Set<string>()
  let most = 0
  let before = timing.queries
  for await (const line of lines) {
    if (line.type === 'card') titles.add(line.card.title)
    // Nothing is read ahead.
    most = Math.max(most, timing.queries - before)
    before = timing.queries
  }
  expect(titles.size).toBe(1050)
  expect(most).toBeLessThanOrEqual(5)
  expect(timing.queries).toBeGreaterThan(20)
})
