import { createTestDeps } from '@extropy/api/testing'
import { createTestDatabase } from '@extropy/db/testing'
import { expect, inject, onTestFinished, test } from 'vitest'
import { urlFromHere } from './door-file.ts'
import { createLocalDoor } from './local-door.ts'

const from = (remoteAddress: string, localAddress: string, headers = {}) =>
  ({ incoming: { socket: { remoteAddress, localAddress }, headers } }) as never

test('only callers on this machine come in by its door, and all of them as one user', async () => {
  const database = await createTestDatabase(inject('databaseTemplate'))
  onTestFinished(() => database.close())
  const deps = await createTestDeps(database)
  const door = createLocalDoor(deps)
  const enter = (...given: Parameters<typeof from>) => door.authenticate(door.key, from(...given))
  // All at once: the first ones find no such user, and one of them makes it.
  const here = await Promise.all([
    enter('127.0.0.1', '127.0.0.1'),
    enter('::1', '::1'),
    enter('::ffff:127.0.0.1', '::ffff:127.0.0.1'),
    enter('192.0.2.7', '192.0.2.7'),
    door.authenticate(door.key, undefined),
  ])
  expect(new Set(here.map((principal) => principal?.userId)).size).toBe(1)
  expect(here[0]).toMatchObject({ scopes: ['read', 'write', 'admin'], expiresAt: null })
  expect(await enter('192.0.2.9', '192.0.2.7')).toBeUndefined()
  expect(await enter('127.0.0.1', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toBeUndefined()
  expect(await door.authenticate(createLocalDoor(deps).key, undefined)).toBeUndefined()
})

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8000'],
  ['0.0.0.0', 'http://127.0.0.1:8000'],
  ['::', 'http://[::1]:8000'],
  ['::1', 'http://[::1]:8000'],
  ['localhost', 'http://localhost:8000'],
  ['192.0.2.7', 'http://192.0.2.7:8000'],
])('a server that listens on %s is reached at %s from its own machine', (host, url) => {
  expect(urlFromHere(host, 8000)).toBe(url)
})
