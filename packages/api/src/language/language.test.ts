import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { detectLanguage, searchConfigOf, searchConfigs } from './language.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
})
afterAll(() => database.close())

test('the database has every configuration that a content may get', async () => {
  const { rows } = await sql<{ name: string }>`select cfgname as name from pg_ts_config`.execute(database.db)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([...searchConfigs]))
})

test.each([
  ['de', 'Die Häuser am See sind alt, und die Straßen der kleinen Stadt sind schmal.'],
  ['fr', 'Les maisons au bord du lac sont vieilles et les rues de la ville sont étroites.'],
  ['ja', 'この検索エンジンは日本語の文章を単語に分けます。'],
  ['zh', '我们在北京大学学习计算机科学。'],
  [null, 'Node v20.1'],
  [null, ''],
])('%s is detected from the text', (language, text) => {
  expect(detectLanguage(text)).toBe(language)
})

test('a language without rules of its own is only folded; an undetected one is read as English', () => {
  expect([searchConfigOf('ja'), searchConfigOf('pl'), searchConfigOf(null)]).toEqual(['simple', 'simple', 'english'])
})
