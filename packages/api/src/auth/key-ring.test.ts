import { type ChangeChannel, createLocalChangeChannel, openChangeChannel, readDatabaseId, withScope } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { DatabaseConnection } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, createKeyOf, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let deps: Deps
let owner: TestAccount
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(template)
  deps = await createTestDeps(database)
  owner = await createAccount(deps)
  admin = await createAccount(deps, { scope: 'admin' })
})
afterAll(() => database.close())

/** A database that counts its queries. */
function counting(db: Deps['db']) {
  const asked = { queries: 0, queryMs: 0, poolMs: 0 }
  return { db: withScope(db, { timing: asked }), asked }
}

/** A database whose answers are on their way while something else happens. */
function interrupted(db: Deps['db'], happens: () => Promise<unknown>): Deps['db'] {
  const executor = db.getExecutor()
  const slow = {
    plugins: executor.plugins,
    provideConnection: async (consumer: (connection: DatabaseConnection) => Promise<unknown>) => {
      const answer = await executor.provideConnection(consumer)
      await happens()
      return answer
    },
  }
  return new Proxy(db, {
    get(target, property) {
      if (property === 'getExecutor') return () => slow
      const value = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

test('a warm check sends no query; after its time to live it does', async () => {
  const { db, asked } = counting(deps.db)
  const keys = createKeyRing({ ...deps, db }, { channel: createLocalChangeChannel(), ttlMs: 600_000 })
  expect(await keys.authenticate(owner.key)).toMatchObject({ userId: owner.userId })
  expect(asked.queries).toBe(1)
  for (let n = 0; n < 100; n++) await keys.authenticate(owner.key)
  expect(asked.queries).toBe(1)
  await keys.close()

  asked.queries = 0
  const forgetful = createKeyRing({ ...deps, db }, { channel: createLocalChangeChannel(), ttlMs: 1 })
  await forgetful.authenticate(owner.key)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await forgetful.authenticate(owner.key)
  expect(asked.queries).toBe(2)
  await forgetful.close()
})

test('a warm key ends at its expiry, to the millisecond', async () => {
  let now = Date.now()
  const keys = createKeyRing(deps, { channel: createLocalChangeChannel(), now: () => now })
  const { key, principal } = await createKeyOf(deps, owner.userId, 'read')
  const expiresAt = new Date(now + 60_000).toISOString()
  await deps.db.updateTable('apiKeys').set({ expiresAt }).where('id', '=', principal.keyId).execute()
  now += 59_999
  expect(await keys.authenticate(key)).toBeDefined()
  now += 1
  expect(await keys.authenticate(key)).toBeUndefined()
  await keys.close()
})

test('a key that was read before a change is not remembered after it', async () => {
  const { key, principal } = await createKeyOf(deps, owner.userId, 'read')
  const slow = interrupted(deps.db, async () => {
    await admin.as().keys.revoke({ id: principal.keyId })
    keys.forget()
  })
  const keys: KeyRing = createKeyRing({ ...deps, db: slow }, { channel: createLocalChangeChannel() })
  await keys.authenticate(key)
  expect(await keys.authenticate(key)).toBeUndefined()
  await keys.close()
})

test('a key records its last use, without a write per request', async () => {
  const keys = createKeyRing(deps, { channel: createLocalChangeChannel() })
  const { key, principal } = await createKeyOf(deps, owner.userId, 'read')
  const lastUsedAt = async () =>
    (await owner.as().keys.list({ limit: 100 })).items.find(({ id }) => id === principal.keyId)?.lastUsedAt
  for (let n = 0; n < 10; n++) await keys.authenticate(key)
  expect(await lastUsedAt()).toBeNull()
  await keys.flush()
  expect(Date.now() - Date.parse((await lastUsedAt()) ?? '')).toBeLessThan(5000)
  await keys.close()
})

test('rotation: the old key works beside the new one until the overlap ends; scopes, limit and expiry go on', async () => {
  const expiresAt = '2099-01-01T00:00:00Z'
  const old = await owner.as().keys.create({ name: 'ci', scopes: ['read'], expiresAt, rateLimitPerHour: 77 })
  const next = await owner.as().keys.rotate({ id: old.id, overlapSeconds: 3600 })
  expect(next).toMatchObject({ name: 'ci', scopes: ['read'], rateLimitPerHour: 77, rotatedFromId: old.id, expiresAt })
  expect(await deps.keys.authenticate(old.key)).toBeDefined()
  expect(await deps.keys.authenticate(next.key)).toBeDefined()
  const listed = (await owner.as().keys.list()).items.find(({ id }) => id === old.id)
  expect(Date.parse(listed?.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(3_600_000)
  const last = await owner.as().keys.rotate({ id: next.id, overlapSeconds: 0 })
  expect(await deps.keys.authenticate(next.key)).toBeUndefined()
  expect(await deps.keys.authenticate(last.key)).toBeDefined()
  await expect(owner.as().keys.rotate({ id: next.id })).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('nobody creates a key that can do more than their own', async () => {
  const reader = await createKeyOf(deps, owner.userId, 'write')
  await expect(reader.as().keys.create({ name: 'x', scopes: ['admin'] })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const mighty = await createKeyOf(deps, owner.userId, 'admin')
  await expect(reader.as().keys.rotate({ id: mighty.principal.keyId })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const tooMany = { name: 'x', scopes: ['read'] as 'read'[], rateLimitPerHour: 1_000_001 }
  await expect(reader.as().keys.create(tooMany)).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('no hash and no key is ever listed', async () => {
  const { items } = await owner.as().keys.list({ limit: 100 })
  expect(items.length).toBeGreaterThan(3)
  expect(JSON.stringify(items)).not.toMatch(/hash|extro_live_[\w-]{7}/i)
})

if (template.kind === 'postgres') {
  const instance = async () => {
    const channel: ChangeChannel = openChangeChannel(database.url, deps.db, {
      databaseId: await readDatabaseId(deps.db),
      onKeyChange: () => ring.forget(),
      onChange: async () => {},
      onTableChange: async () => {},
      leaseMs: 1500,
    })
    const ring: KeyRing = createKeyRing(deps, { channel, ttlMs: 3_600_000 })
    await expect.poll(() => channel.isLive()).toBe(true)
    return { ring, channel }
  }

  test('a key revoked on one server is refused by all from the next request on, however warm it was', async () => {
    const [one, two, three] = await Promise.all([instance(), instance(), instance()])
    for (let round = 0; round < 10; round++) {
      const { key, principal } = await createKeyOf(deps, owner.userId, 'read')
      for (const { ring } of [one, two, three]) expect(await ring.authenticate(key)).toBeDefined()
      await deps.db
        .updateTable('apiKeys')
        .set({ isRevoked: true, revokedAt: new Date().toISOString() })
        .where('id', '=', principal.keyId)
        .execute()
      const startedAt = performance.now()
      await one.ring.forgetEverywhere()
      expect(performance.now() - startedAt).toBeLessThan(1000)
      for (const { ring } of [three, two, one]) expect(await ring.authenticate(key)).toBeUndefined()
    }
    for (const { ring } of [one, two, three]) await ring.close()
  })

  test('many revocations at once wait for the others together', async () => {
    const [one, two] = await Promise.all([instance(), instance()])
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 60 }, () => one.ring.forgetEverywhere()))
    // A round that nobody confirms takes 2000 ms.
    expect(performance.now() - startedAt).toBeLessThan(1500)
    for (const { ring, channel } of [one, two]) {
      await ring.close()
      await channel.close()
    }
  })

  test('a server that is cut off from the database stops trusting its memory, and a revocation does not wait for it for ever', async () => {
    const [one, cut] = await Promise.all([instance(), instance()])
    const { key } = await createKeyOf(deps, owner.userId, 'read')
    await cut.ring.authenticate(key)
    await cut.channel.close()
    expect(cut.channel.isLive()).toBe(false)
    const startedAt = performance.now()
    await one.ring.forgetEverywhere()
    expect(performance.now() - startedAt).toBeLessThan(3000)
    await one.ring.close()
  })
}
