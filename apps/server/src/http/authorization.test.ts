import { createKeyOf, createTestDeps, createWorld, examples, secret, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { call, procedures } from '../testing/procedures.ts'
import { createApp } from './app.ts'
import type { AppEnv } from './app-env.ts'

const roles = ['anonymous', 'stranger', 'owner', 'admin', 'revoked', 'expired', 'read-only'] as const
type Role = (typeof roles)[number]

let database: TestDatabase
let app: Hono<AppEnv>
let world: World
const keys: Partial<Record<Role, string>> = {}

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  app = createApp(deps, pino({ level: 'silent' }), { anonymousPerHour: 1_000_000 }).hono
  world = await createWorld(deps)
  const { owner, stranger, admin, reader } = world
  const revoked = await createKeyOf(deps, owner.userId, 'admin')
  await admin.as().keys.revoke({ id: revoked.principal.keyId })
  const expired = await createKeyOf(deps, owner.userId, 'admin')
  const ago = new Date(Date.now() - 1000).toISOString()
  await deps.db.updateTable('apiKeys').set({ expiresAt: ago }).where('id', '=', expired.principal.keyId).execute()
  Object.assign(keys, { stranger: stranger.key, owner: owner.key, admin: admin.key, revoked: revoked.key })
  Object.assign(keys, { expired: expired.key, 'read-only': reader.key })
})
afterAll(() => database.close())

type Expected = 'answered' | 'who are you' | 'not with this key' | 'not yours'
const statuses: Record<Expected, readonly number[]> = {
  // 202: it will be.
  answered: [200, 202],
  'who are you': [401],
  'not with this key': [403],
  // 404 where even to say that there is something would be too much.
  'not yours': [403, 404],
}

/** The outcome that the procedure's own declaration promises to this role. */
function expectedFor(
  role: Role,
  access: NonNullable<(typeof procedures)[number]['meta']['access']>,
  isOwners: boolean,
): Expected {
  const { scope, reach } = access
  if (role === 'revoked' || role === 'expired') return 'who are you'
  if (role === 'anonymous' && scope !== 'none') return 'who are you'
  if (role === 'read-only' && (scope === 'write' || scope === 'admin')) return 'not with this key'
  if (role !== 'admin' && scope === 'admin') return 'not with this key'
  if (!isOwners || role === 'owner' || role === 'read-only') return 'answered'
  return role === 'admin' && (reach === 'ownOrAdmin' || reach === 'any') ? 'answered' : 'not yours'
}

describe.each(procedures.map((procedure) => [procedure.path, procedure] as const))('%s', (path, procedure) => {
  test.each(roles)('for %s', async (role) => {
    const { access } = procedure.meta
    const example = examples[path]
    if (access === undefined || example === undefined) throw new Error(`${path} has no access rule or no example`)
    const { input, isOwners } = await example(world)
    const expected = expectedFor(role, access, isOwners)
    const { status, text } = await call(app, procedure, input, keys[role])
    expect([role, expected, statuses[expected].includes(status), status]).toEqual([role, expected, true, status])
    if (role !== 'owner' && role !== 'read-only' && role !== 'admin') expect(text).not.toContain(secret)
  })
})

test('every example belongs to an existing procedure', () => {
  expect(Object.keys(examples).sort()).toEqual(procedures.map(({ path }) => path).sort())
})
