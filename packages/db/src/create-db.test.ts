import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase } from './create-db.ts'
import { DataFolderError } from './folder-lock.ts'
import { isUnavailable } from './pg-errors.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(template)
})
afterAll(() => database.close())

test('times come as ISO 8601 in UTC with their microseconds', async () => {
  const { rows } = await sql<{ at: string }>`select timestamptz '2026-01-02 03:04:05.678901+02' as at`.execute(
    database.db,
  )
  expect(rows).toEqual([{ at: '2026-01-02T01:04:05.678901Z' }])
})

test('names are camelCase in TypeScript, snake_case in SQL; keys of a jsonb value are left alone', async () => {
  const metrics = { like_count: 1, nested: { deep_key: true } }
  await database.db
    .insertInto('contents')
    .values({
      platform: 'web',
      sourceUrl: 'https://example.org/1',
      author: 'A',
      title: 'T',
      body: 'B',
      contentHash: 'h',
      metrics: JSON.stringify(metrics) as never,
    })
    .execute()
  const row = await database.db.selectFrom('contents').select(['sourceUrl', 'metrics']).executeTakeFirst()
  expect(row).toEqual({ sourceUrl: 'https://example.org/1', metrics })
})

if (template.kind === 'embedded') {
  describe('the embedded database', () => {
    test('keeps its data in its folder, for one process at a time', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'extropy-db-'))
      const first = await createDatabase({ url: folder })
      await sql`create table kept (id integer)`.execute(first.db)
      await expect(createDatabase({ url: folder })).rejects.toThrow(DataFolderError)
      await first.close()
      const second = await createDatabase({ url: folder })
      expect((await sql`select * from kept`.execute(second.db)).rows).toEqual([])
      await second.close()
      await rm(folder, { recursive: true })
    })
  })
}

test('an absent server is told apart from a wrong statement', async () => {
  const nowhere = await createDatabase({ url: 'postgres://postgres@127.0.0.1:1/nowhere' })
  const refused = await sql`select 1`.execute(nowhere.db).catch((error: unknown) => error)
  await nowhere.close()
  expect(isUnavailable(refused)).toBe(true)
  const wrong = await sql`select nonsense`.execute(database.db).catch((error: unknown) => error)
  expect(isUnavailable(wrong)).toBe(false)
})

test('text arrays arrive as they were stored, whatever is in them', async () => {
  const arrays = [[], ['a'], ['a', 'b c'], ['', 'x'], ['NULL', 'null'], ['a,b', '{c}', 'd"e', 'f\\g'], ["ü'", '𝕏']]
  for (const stored of arrays) {
    const { rows } = await sql<{ back: string[] }>`select ${stored}::text[] as back`.execute(database.db)
    expect(rows[0]?.back).toEqual(stored)
  }
  const { rows } = await sql`select array['a', null]::text[] as holes, '[0:1]={a,b}'::text[] as shifted`.execute(
    database.db,
  )
  expect(rows).toEqual([{ holes: ['a', null], shifted: ['a', 'b'] }])
})
