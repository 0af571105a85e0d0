import { createCache } from '@extropy/cache'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { AppError } from './errors.ts'
import { invalidating } from './invalidating.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
afterAll(() => database.close())

test('a write during which the primary was replaced is not answered as stored: it may be lost with the old one', async () => {
  let moves = 0
  const deps = { db: database.db, cache: createCache({}), primaryMoves: () => moves }
  const write = (during: () => void) =>
    invalidating(deps, async (db) => {
      await db
        .insertInto('authors')
        .values({ platform: 'web', username: `${Math.random()}`, displayName: 'A' })
        .execute()
      during()
      return 'stored'
    })
  expect(await write(() => {})).toBe('stored')
  const refused = await write(() => moves++).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(AppError)
  expect((refused as AppError).reason).toBe('not_told')
  expect(await write(() => {})).toBe('stored')
})
