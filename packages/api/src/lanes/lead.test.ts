import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createLead } from './lead.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
afterAll(() => database.close())

test('one of several has the lead of a task until it leaves it, or until its lease has run out', async () => {
  const [ada, bob] = [createLead(database.db, 'sweep', 60_000), createLead(database.db, 'sweep', 60_000)]
  expect(await ada.take()).toBe('new')
  expect(await ada.take()).toBe('kept')
  expect(await bob.take()).toBeUndefined()
  expect(await createLead(database.db, 'dust', 60_000).take()).toBe('new')
  await bob.leave()
  expect(await bob.take()).toBeUndefined()
  await ada.leave()
  expect(await bob.take()).toBe('new')
  expect(await ada.take()).toBeUndefined()
})

test('who was late may have the lead again, and hears that others may have had it', async () => {
  const late = createLead(database.db, 'late', 200)
  const next = createLead(database.db, 'late', 60_000)
  expect(await late.take()).toBe('new')
  expect(await next.take()).toBeUndefined()
  await expect.poll(() => next.take(), { timeout: 10_000 }).toBe('new')
  expect(await late.take()).toBeUndefined()
  await late.leave()
  expect(await next.take()).toBe('kept')
  await next.leave()
  expect(await late.take()).toBe('new')
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(await late.take()).toBe('new')
})
