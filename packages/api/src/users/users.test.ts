import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { issueKey } from '../api-keys/keys-by-command.ts'
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

test('a name or an address is unique whatever its case', async () => {
  await admin.as().users.create({ username: 'Ada', email: 'Ada@Example.org' })
  const create = (username: string, email: string) => admin.as().users.create({ username, email })
  await expect(create('ADA', 'x@example.org')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'username: is taken',
  })
  await expect(create('x', 'ADA@EXAMPLE.ORG')).rejects.toMatchObject({ code: 'CONFLICT', message: 'email: is taken' })
  expect(await createTestCaller(deps).users.byUsername({ username: 'aDA' })).toMatchObject({
    username: 'Ada',
    email: null,
  })
})

test.each(['.', '..', '', 'a/b', 'a?b', 'a#b', 'a%2fb'])(
  'a name that no URL could hold is refused: %j',
  async (username) => {
    const refused = await admin
      .as()
      .users.create({ username, email: 'dot@example.org' })
      .catch((error) => error)
    expect(refused).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('username') })
  },
)

test('only its owner and admins see an address', async () => {
  const bob = await createAccount(deps, { name: 'bob' })
  const eve = await createAccount(deps, { name: 'eve' })
  const emailFor = async (caller: ReturnType<typeof createTestCaller>) =>
    (await caller.users.byId({ id: bob.userId })).email
  expect(await Promise.all([emailFor(bob.as()), emailFor(admin.as())])).toEqual(['bob@example.org', 'bob@example.org'])
  expect(await Promise.all([emailFor(eve.as()), emailFor(createTestCaller(deps))])).toEqual([null, null])
  expect(JSON.stringify(await createTestCaller(deps).users.list({ limit: 100 }))).not.toMatch(/@|balance/)
})

test('the audit log has an admin’s changes to other users, not users’ changes to themselves', async () => {
  const dora = await createAccount(deps, { name: 'dora' })
  const session = await dora.as().researchSessions.create({ name: 'Job', brief: 'Find out' })
  const acts = async () =>
    (await admin.as().audit.list({ limit: 100 })).items.filter(({ details }) => details.ownerId === dora.userId)
  await dora.as().users.update({ id: dora.userId, bio: 'mine' })
  await dora.as().researchSessions.cancel({ id: session.id })
  expect(await acts()).toEqual([])
  await admin.as().users.update({ id: dora.userId, bio: 'theirs' })
  await admin.as().researchSessions.rerun({ id: session.id })
  expect(await acts()).toMatchObject([
    { action: 'researchSessions.rerun', target: session.id, actorUserId: admin.userId, address: '192.0.2.1' },
    { action: 'users.update', target: dora.userId, actorUserId: admin.userId },
  ])
})

test('the command creates the first admin key with its user; a second one finds the user', async () => {
  const first = await issueKey(deps.db, { username: 'Root', scope: 'admin' })
  expect(first).toMatchObject({ isNewUser: true, scopes: ['read', 'write', 'admin'] })
  expect(await deps.keys.authenticate(first.key)).toMatchObject({ userId: first.user.id, scopes: first.scopes })
  const second = await issueKey(deps.db, { username: 'rOOt', scope: 'read', rateLimitPerHour: 5 })
  expect(second).toMatchObject({ isNewUser: false, user: { id: first.user.id }, scopes: ['read'] })
  await expect(issueKey(deps.db, { username: 'no spaces', scope: 'read' })).rejects.toThrow('1 to 64 of the characters')
  const { items } = await admin.as().audit.list({ limit: 5 })
  expect(items[0]).toMatchObject({ action: 'keys.create', actorUserId: null, details: { byCommand: true } })
})
