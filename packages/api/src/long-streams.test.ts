import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { appRouter } from './app-router.ts'
import type { Context, Deps } from './context.ts'
import { createAccount, createKeyOf, type TestAccount } from './testing/accounts.ts'
import { createTestDeps } from './testing/test-deps.ts'

let database: TestDatabase
let deps: Deps
let user: TestAccount
let id: string
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  user = await createAccount(deps)
  id = (await user.as().subscriptions.create({ kind: 'search', question: 'Where is it?' })).id
})
afterEach(() => void vi.useRealTimers())
afterAll(() => database.close())

let requests = 0
/** A request of its own. */
const callerOf = ({ principal }: TestAccount, signal?: AbortSignal) =>
  appRouter.createCaller({ ...deps, principal, signal, requestId: `r${requests++}` } as unknown as Context)

test('a user has 20 requests with streams at once, whatever the keys; the place of one that ended is free', async () => {
  const other = await createKeyOf(deps, user.userId, 'read')
  const leaving = new AbortController()
  const open = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      callerOf(n % 2 ? user : other, n === 0 ? leaving.signal : undefined).subscriptions.events({ id }),
    ),
  )
  const refused = { code: 'TOO_MANY_REQUESTS', message: expect.stringContaining('at most 20 streams') }
  await expect(callerOf(user).subscriptions.events({ id })).rejects.toMatchObject(refused)
  // Another user's, and one that is refused, take none.
  const stranger = await createAccount(deps)
  await expect(callerOf(stranger).subscriptions.events({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  // One caller hangs up before it has read anything, one stops reading, and one comes to its end.
  leaving.abort()
  await open[1]?.[Symbol.asyncIterator]().return?.()
  const again = await callerOf(user).subscriptions.events({ id, waitSeconds: 0 })
  expect(await Array.fromAsync(again)).toEqual([])
  // Those of one request share a place.
  const one = callerOf(user)
  const more = [await one.subscriptions.events({ id }), await one.subscriptions.events({ id })]
  const last = await callerOf(user).subscriptions.events({ id })
  await expect(callerOf(user).subscriptions.events({ id })).rejects.toMatchObject(refused)
  for (const stream of [...open, ...more, last]) await stream[Symbol.asyncIterator]().return?.()
})

test.each([
  ['revoked', { isRevoked: true, revokedAt: '2026-01-01T00:00:00Z' }],
  ['over', { expiresAt: '2020-01-01T00:00:00Z' }],
])('a stream ends when its key is %s', async (_, change) => {
  const key = await createKeyOf(deps, user.userId, 'read')
  vi.useFakeTimers({ toFake: ['performance'] })
  const events = await callerOf(key).subscriptions.events({ id, waitSeconds: 3600 })
  const next = events[Symbol.asyncIterator]().next()
  vi.advanceTimersByTime(60_000)
  await deps.db.updateTable('apiKeys').set(change).where('id', '=', key.principal.keyId).execute()
  // Its look may have come before the change.
  const ticking = setInterval(() => vi.advanceTimersByTime(60_000), 500)
  expect(await next).toMatchObject({ done: true })
  clearInterval(ticking)
})

test('a stream of a key that holds goes on', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const events = await callerOf(user).subscriptions.events({ id, waitSeconds: 3600 })
  const next = events[Symbol.asyncIterator]().next()
  vi.advanceTimersByTime(60_000)
  const change = JSON.stringify({ new: [], gone: [], changed: [] }) as never
  await deps.db.insertInto('subscriptionChanges').values({ subscriptionId: id, sequence: '1', change }).execute()
  vi.advanceTimersByTime(60_000)
  expect(await next).toMatchObject({ done: false, value: { id: '1' } })
  await events[Symbol.asyncIterator]().return?.()
})
