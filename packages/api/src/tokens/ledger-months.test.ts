import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  addMonths,
  attachMonthFile,
  attachPartition,
  createPartitions,
  detachPartitions,
  generate,
  listPartitions,
  writeArchivedMonths,
} from '@extropy/db'
import { createTestDatabase, findDrift, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { verifyLedger } from './verify-ledger.ts'

const template = inject('databaseTemplate')
const concurrently = template.kind === 'postgres'
const thisMonth = addMonths(new Date(), 0)
let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase(template)
  folder = await mkdtemp(join(tmpdir(), 'extropy-months-'))
  await generate(database, { cards: 300 })
  await createPartitions(database.db, { from: addMonths(thisMonth, -14) })
  // Text as it comes: quotes, a line separator that JSON leaves as it is, a number beyond doubles.
  await sql`
    insert into audit_log (action, target, details, created_at)
    select 'tokens.award', ${'"\u2028\\n'}, '{"amount": 12345678901234567890.00000001}',
      date_trunc('month', now()) - n * interval '1 month' + interval '1.000001 second'
    from generate_series(1, 14) as n`.execute(database.db)
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

const months = async () => (await listPartitions(database.db)).map(({ name }) => name)
const rowsOf = async (table: string) => {
  const { rows } = await sql<{ all: string }>`
    select md5(string_agg(t::text, '|' order by id)) || count(*) as all from ${sql.table(table)} t`.execute(database.db)
  return rows[0]?.all
}

test('a year and more of months goes out, into files, and comes back as it was', async () => {
  const before = {
    report: await verifyLedger(database.db),
    months: await months(),
    audit: await rowsOf('audit_log'),
    ledger: await rowsOf('extropy_ledger'),
  }
  expect(before.report.problems).toEqual([])
  const old = before.months.filter((name) => name.slice(-7) < thisMonth.toISOString().slice(0, 7).replace('-', '_'))
  expect(old.filter((name) => name.startsWith('extropy_ledger')).length).toBeGreaterThan(12)

  expect(await detachPartitions(database.db, { before: thisMonth, concurrently })).toHaveLength(old.length)
  expect(await verifyLedger(database.db)).toEqual(before.report)
  const written = await writeArchivedMonths(database.db, folder)
  expect(written.map(({ name }) => name).toSorted()).toEqual(old.toSorted())
  expect(written.filter(({ isDropped }) => isDropped).map(({ name }) => name)).toEqual(
    written.map(({ name }) => name).filter((name) => !name.startsWith('extropy_ledger')),
  )
  // The ledger's months are still here: written again they are not.
  expect(await writeArchivedMonths(database.db, folder)).toEqual([])
  expect(await verifyLedger(database.db)).toEqual(before.report)

  await sql`drop schema extropy_archive cascade`.execute(database.db)
  expect((await verifyLedger(database.db)).problems.length).toBeGreaterThan(0)
  for (const { name, file, rows } of written) expect(await attachMonthFile(database.db, file)).toEqual({ name, rows })
  expect(await verifyLedger(database.db)).toEqual(before.report)
  expect(await months()).toEqual(before.months)
  expect(await rowsOf('audit_log')).toBe(before.audit)
  expect(await rowsOf('extropy_ledger')).toBe(before.ledger)
  expect(await findDrift(database.db)).toEqual([])
  for (const name of old) {
    await expect(sql`truncate ${sql.table(name)}`.execute(database.db)).rejects.toThrow('append-only')
  }
})

test('a month comes back from the archive as a part of its table, under its rules', async () => {
  const name = (await months()).find((each) => each.startsWith('audit_log')) as string
  const month = new Date(`${name.slice(-7).replace('_', '-')}-01`)
  await sql`insert into audit_log (action, created_at) values ('tokens.award', ${month})`.execute(database.db)
  const before = { audit: await rowsOf('audit_log'), months: await months() }
  const next = addMonths(month, 1)
  expect(await detachPartitions(database.db, { before: next, concurrently, tables: ['audit_log'] })).toEqual([name])
  expect(await rowsOf('audit_log')).not.toBe(before.audit)
  await attachPartition(database.db, name)
  expect(await rowsOf('audit_log')).toBe(before.audit)
  expect(await months()).toEqual(before.months)
  for (const statement of [`delete from ${name}`, `truncate ${name}`]) {
    await expect(sql.raw(statement).execute(database.db)).rejects.toThrow('append-only')
  }
  const checks = sql`select from pg_constraint where contype = 'c' and conrelid = ${name}::regclass and coninhcount = 0`
  expect((await checks.execute(database.db)).rows).toEqual([])
  await expect(attachPartition(database.db, name)).rejects.toThrow('is not in the schema extropy_archive')
})

test('a file that is damaged, cut short, or of a month that is here brings nothing in', async () => {
  const [name = ''] = await months()
  const before = await months()
  const file = join(folder, `${name}.jsonl.gz`)
  await expect(attachMonthFile(database.db, file)).rejects.toThrow('is there already')
  const bytes = await readFile(file)
  const other = join(folder, 'fetches_1999_01.jsonl.gz')
  for (const wrong of [bytes.subarray(0, -20), Buffer.from('no archive'), bytes]) {
    await writeFile(other, wrong)
    await expect(attachMonthFile(database.db, other)).rejects.toThrow(/is damaged|is the month/)
  }
  await expect(attachMonthFile(database.db, join(folder, 'fetches_1999_02.jsonl.gz'))).rejects.toThrow('is not there')
  expect(await months()).toEqual(before)
})
