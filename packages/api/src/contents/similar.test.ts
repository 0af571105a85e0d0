import { migrate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

let database: TestDatabase
let caller: ReturnType<typeof createTestCaller>
let idByTitle: Record<string, string>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  await ingestLines(deps, [
    contentLine({
      title: 'Sourdough',
      body: 'A starter of flour and water ferments; the dough rests overnight. '.repeat(40),
    }),
    contentLine({ title: 'Baking', body: 'Flour, water and a starter make a dough that ferments slowly.' }),
    contentLine({ title: 'Comets', body: 'A comet is ice and dust; its tail points away from the sun.' }),
    contentLine({ title: 'Zzz', body: 'Zwieback Zucker' }),
  ])
  await migrate(database)
  caller = createTestCaller(deps)
  const rows = await database.db.selectFrom('contents').select(['id', 'title']).execute()
  idByTitle = Object.fromEntries(rows.map(({ id, title }) => [title, id]))
})
afterAll(() => database.close())

test('the content that shares words and meaning comes first; the content itself never, each other one once', async () => {
  const { items } = await caller.contents.similar({ id: idByTitle.Baking ?? '', limit: 50 })
  const titles = items.map(({ title }) => title)
  expect(titles[0]).toBe('Sourdough')
  expect(titles).not.toContain('Baking')
  expect(new Set(titles).size).toBe(titles.length)
  expect(items[0]?.why.matchedWords).toContain('flour')
  expect((await caller.contents.similar({ id: idByTitle.Baking ?? '', limit: 1 })).items).toHaveLength(1)
})

test('a content without a vector and without a shared word is similar to none', async () => {
  expect(await caller.contents.similar({ id: idByTitle.Zzz ?? '' })).toEqual({ items: [] })
})

test('an unknown content is not found, with the field named', async () => {
  const missing = caller.contents.similar({ id: '00000000-0000-4000-8000-000000000000' })
  await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND', cause: { issues: [{ field: 'id' }] } })
})
