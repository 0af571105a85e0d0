import { sql } from 'kysely'
import { expect, inject, test } from 'vitest'
import { createTestDatabase } from './testing/test-db.ts'

test('the time in a ledger row’s hash has one form, whatever the session’s DateStyle and TimeZone', async () => {
  const database = await createTestDatabase(inject('databaseTemplate'))
  const moments = ['2026-01-02 03:04:05.678901+00', '2026-01-02 03:04:00+00', '2026-12-31 23:59:59.5+00']
  const { rows } = await database.db.transaction().execute(async (trx) => {
    await sql`set local datestyle = 'German'`.execute(trx)
    await sql`set local timezone = 'Asia/Kolkata'`.execute(trx)
    return sql<{ iso: string }>`select extropy_iso(unnest(${moments}::timestamptz[])) as iso`.execute(trx)
  })
  await database.close()
  expect(rows.map(({ iso }) => iso)).toEqual([
    '2026-01-02T03:04:05.678901Z',
    '2026-01-02T03:04:00Z',
    '2026-12-31T23:59:59.5Z',
  ])
})
