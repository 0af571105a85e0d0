import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
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

test('a key that ends makes no key that outlives it', async () => {
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
