import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { tables } from '../database.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-db.ts'
import { analyzeTables } from './analyze.ts'
import { indexReport } from './index-report.ts'
import { NoStatementStatisticsError, slowQueries } from './slow-queries.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(template)
})
afterAll(() => database.close())

test('analyze reports on each table', async () => {
  await database.db.insertInto('embeddingModels').values({ name: 'a', dimension: 3 }).execute()
  const seen: string[] = []
  const done = await analyzeTables(database.db, { onTable: ({ table }) => seen.push(table) })
  expect(seen).toEqual(tables.map(({ name }) => name))
  expect(done.find(({ table }) => table === 'embedding_models')?.estimatedRows).toBe(1)
})

describe('the index report', () => {
  test('of a migrated database finds nothing wrong', async () => {
    await database.db.deleteFrom('embeddingModels').execute()
    const report = await indexReport(database.db)
    expect(report).toMatchObject({ missing: [], invalid: [], changed: [], bloated: [], scannedTables: [] })
    expect(report.indexes.map(({ index }) => index)).toContain('idx_extropy_ledger_user_type_created')
  })

  test('names an index that is missing, one that has changed and a foreign key without one', async () => {
    await sql`drop index idx_attributions_source_user_created_desc, idx_content_authors_author_id`.execute(database.db)
    await sql`drop index idx_cards_published_desc`.execute(database.db)
    await sql`create index idx_cards_published_desc on cards (published_at desc)`.execute(database.db)
    const report = await indexReport(database.db)
    expect(report.missing).toEqual(['idx_attributions_source_user_created_desc', 'idx_content_authors_author_id'])
    expect(report.changed).toEqual(['idx_cards_published_desc'])
    expect(report.unindexedForeignKeys).toContainEqual({
      table: 'content_authors',
      constraint: 'content_authors_author_id_fkey',
    })
  })

  test('names an index that no query used', async () => {
    const { unused } = await indexReport(database.db)
    expect(unused.map(({ index }) => index)).toContain('idx_users_username_trigram')
    expect(unused.map(({ index }) => index)).not.toContain('users_pkey')
  })
})

test('slow queries are those of this database, without their values, or advice how to get them', async () => {
  if (template.kind === 'embedded') {
    await expect(slowQueries(database.db)).rejects.toThrow(NoStatementStatisticsError)
    return
  }
  await database.db.selectFrom('users').selectAll().where('username', '=', 'secret').execute()
  const slowest = await slowQueries(database.db, { limit: 1000 })
  expect(slowest.length).toBeGreaterThan(0)
  const own = slowest.find(({ query }) => query.startsWith('select * from "users"'))
  expect(own?.query).toContain('$1')
  expect(JSON.stringify(slowest)).not.toContain('secret')
})
