import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'

let database: TestDatabase
let owner: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  owner = await createAccount(await createTestDeps(database))
})
afterAll(() => database.close())

const begin = () => owner.as().researchSessions.create({ name: 'Job', brief: 'Find out', platforms: ['web'] })

test('a session counts, keeps outputs, ends once, and never changes again', async () => {
  const { id, status } = await begin()
  expect(status).toBe('in_progress')
  const { update, list } = owner.as().researchSessions
  expect(await update({ id, contentsFound: 3, outputs: { summary: ['a', { b: null }] } })).toMatchObject({
    contentsFound: 3,
    contentsAnalyzed: 0,
    outputs: { summary: ['a', { b: null }] },
    finishedAt: null,
  })
  expect(await update({ id, status: 'completed' })).toMatchObject({
    status: 'completed',
    finishedAt: expect.any(String),
  })
  for (const change of [{ status: 'failed' as const }, { status: 'completed' as const }, { contentsFound: 4 }]) {
    await expect(update({ id, ...change })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'status: the session is completed: it can no longer change',
    })
  }
  expect((await list({ status: 'completed' })).items.map((item) => item.id)).toContain(id)
  expect((await list({ status: 'failed' })).items).toEqual([])
})

const deep = (levels: number): Record<string, unknown> => {
  let value: Record<string, unknown> = {}
  for (let level = 0; level < levels; level++) value = { in: value }
  return value
}

test.each([
  ['too deep', deep(10_000), 'at most 50 levels'],
  ['too large', { text: 'x'.repeat(100_001) }, 'at most 100,000 characters'],
  ['with a NUL', { text: 'a\0' }, 'NUL'],
  ['with half a character', { 'a\udc00': 1 }, 'surrogate'],
])('outputs %s are refused', async (_, outputs, why) => {
  const { id } = await begin()
  const refused = owner.as().researchSessions.update({ id, outputs })
  await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(why) })
})

test('outputs that only look unstorable are accepted', async () => {
  const { id } = await begin()
  const outputs = { text: '\\u0000 \\ud800 \ud83d\ude00' }
  expect((await owner.as().researchSessions.update({ id, outputs })).outputs).toEqual(outputs)
})
