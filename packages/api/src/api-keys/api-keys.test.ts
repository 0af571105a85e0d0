import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createApiKey } from '../auth/api-key.ts'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestCaller, createTestDeps } from '../testing/test-deps.ts'

let database: TestDatabase
let deps: Deps
let ada: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  ada = await createAccount(deps)
})
afterAll(() => database.close())

test('a key that expires creates no key that outlives it', async () => {
  const end = '2999-01-01T00:00:00.000Z'
  const ending = createTestCaller(deps, { ...ada.principal, scopes: ['read', 'write'], expiresAt: end })
  for (const expiresAt of [undefined, '2999-01-01T00:00:01Z']) {
    const refused = ending.keys.create({ name: 'child', scopes: ['write'], expiresAt })
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining(end) })
  }
  const child = await ending.keys.create({ name: 'child', scopes: ['write'], expiresAt: '2998-12-31T23:00:00-01:00' })
  expect(Date.parse(child.expiresAt ?? '')).toBe(Date.parse(end))
})

test.each(['9999-12-31T23:59:59-23:59', '9999-12-31T23:59:59-15:59', '2999-01-01T00:00:00+16:00'])(
  'an end that PostgreSQL cannot keep is refused by name: %s',
  async (expiresAt) => {
    const refused = ada.as().keys.create({ name: 'late', scopes: ['read'], expiresAt })
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST', cause: { issues: [{ path: ['expiresAt'] }] } })
  },
)

test('an id is the same in either case', async () => {
  expect(await ada.as().tokens.balance({ userId: ada.userId.toUpperCase() })).toMatchObject({ balance: '0.00000000' })
})

/** Keys that nobody was shown. */
const rows = ({ userId }: TestAccount, count: number) =>
  Array.from({ length: count }, () => {
    const { prefix, keyHash } = createApiKey()
    return { userId, name: 'row', prefix, keyHash, scopes: ['read' as const] }
  })

test('of many keys created at once, no more succeed than a user may have', async () => {
  const user = await createAccount(deps)
  await deps.db.insertInto('apiKeys').values(rows(user, 94)).execute()
  const made = await Promise.allSettled(
    Array.from({ length: 15 }, (_, n) => user.as().keys.create({ name: `key ${n}`, scopes: ['read'] })),
  )
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(made.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } })
})

test('a user creates at most 200 keys within a day, revoked ones too; keys that ended long ago are deleted', async () => {
  const user = await createAccount(deps)
  const next = async () => {
    const { id } = await user.as().keys.create({ name: 'next', scopes: ['read'] })
    await user.as().keys.revoke({ id })
  }
  const revoked = { isRevoked: true, revokedAt: new Date().toISOString() }
  await deps.db
    .insertInto('apiKeys')
    .values(rows(user, 198).map((row) => ({ ...row, ...revoked })))
    .execute()
  await next()
  await expect(next()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', message: expect.stringContaining('200') })

  const ended = { createdAt: '2026-01-01T00:00:00Z', revokedAt: '2026-01-02T00:00:00Z' }
  await deps.db
    .updateTable('apiKeys')
    .set(ended)
    .where('userId', '=', user.userId)
    .where('isRevoked', '=', true)
    .execute()
  await next()
  const { items } = await user.as().keys.list({ limit: 100 })
  expect(items.map(({ name }) => name)).toEqual(['next', 'test'])
})

test('a key’s user may make as many requests as the largest of their working keys', async () => {
  const user = await createAccount(deps)
  const small = await user.as().keys.create({ name: 'small', scopes: ['read'], rateLimitPerHour: 50 })
  const limits = async () => deps.keys.authenticate(small.key)
  expect(await limits()).toMatchObject({ rateLimitPerHour: 50, userRateLimitPerHour: 1_000_000 })
  await user.as().keys.revoke({ id: user.principal.keyId })
  expect(await limits()).toMatchObject({ rateLimitPerHour: 50, userRateLimitPerHour: 50 })
})
