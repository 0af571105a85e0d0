import {
  addMonths,
  announceChanges,
  attachMonthFile,
  attachPartition,
  createPartitions,
  type Database,
  type DatabaseHandle,
  detachPartitions,
  listPartitions,
  makeArchiveFolder,
  writeArchivedMonths,
} from '@extropy/db'
import type { Kysely } from 'kysely'
import { parseConfig } from '../config.ts'
import { formatBytes, formatTable } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:partitions [--ahead MONTHS] [--detach-before YYYY-MM] [--archive DIR] [--attach NAME|FILE] [--json]

Creates the next MONTHS (default 6) of the tables that are split by month: extropy_ledger, audit_log, fetches. Moves the
months that AUDIT_KEEP_MONTHS and FETCHES_KEEP_MONTHS are over for into the schema extropy_archive; with --detach-before
those of every table before that month instead (at the latest the current month). Lists the partitions then.
--archive writes what is in that schema into files, and drops what it wrote but for the ledger's months. --attach brings
one month back: by its name, such as fetches_2026_01, from the schema, or from a file. It does nothing else then.
`

const options = {
  ahead: { type: 'string', default: '6' },
  'detach-before': { type: 'string' },
  archive: { type: 'string' },
  attach: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

await runCommand({ usage, options }, async (values) => {
  const monthsAhead = Number(values.ahead)
  const before = values['detach-before']
  const isMonth =
    before === undefined || (/^\d{4}-(0[1-9]|1[0-2])$/.test(before) && before <= new Date().toISOString().slice(0, 7))
  if (!Number.isInteger(monthsAhead) || monthsAhead < 0 || monthsAhead > 120 || !isMonth) {
    throw new UsageError(
      '--ahead must be a number from 0 to 120, --detach-before a month such as 2026-01 that has begun',
    )
  }
  if (values.attach !== undefined && (before ?? values.archive) !== undefined) {
    throw new UsageError('--attach brings a month back: it must not come with --detach-before or --archive')
  }
  // Before months are moved about for a folder that takes no files.
  if (values.archive !== undefined) await makeArchiveFolder(values.archive)
  const move = async (database: DatabaseHandle) => {
    const { db } = database
    const attached = values.attach === undefined ? [] : [await attach(db, values.attach)]
    const created: string[] = []
    if (values.attach === undefined) {
      await createPartitions(db, { monthsAhead, onStep: ({ name }) => created.push(name) })
    }
    const detached = values.attach === undefined ? await detach(database, before) : []
    // Answers that servers keep show rows that are away, or lack some that are back: also where --archive fails then.
    if (attached.length + detached.length > 0) await announceChanges(db, ['extropyLedger', 'auditLog', 'fetches'])
    const archived = values.archive === undefined ? [] : await writeArchivedMonths(db, values.archive)
    return { created, detached, archived, attached, partitions: await listPartitions(db) }
  }
  // A pooler's sessions are shared: the time limit that this lifts would stay lifted for others.
  const report = await withDatabase(move, { direct: true })
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else {
    for (const name of report.created) process.stdout.write(`created: ${name}\n`)
    for (const name of report.detached) process.stdout.write(`detached: ${name}\n`)
    for (const { file, rows, isDropped } of report.archived) {
      process.stdout.write(`archived: ${rows} rows in ${file}${isDropped ? '' : ', and still in the database'}\n`)
    }
    for (const name of report.attached) process.stdout.write(`attached: ${name}\n`)
    const rows = report.partitions.map(({ name, month, estimatedRows, bytes }) => ({
      partition: name,
      month: month.slice(0, 7),
      'rows, about': estimatedRows,
      size: formatBytes(bytes),
    }))
    process.stdout.write(formatTable(rows))
  }
  return 0
})

async function attach(db: Kysely<Database>, what: string): Promise<string> {
  if (what.endsWith('.jsonl.gz')) return (await attachMonthFile(db, what)).name
  await attachPartition(db, what)
  return what
}

async function detach({ db, kind }: DatabaseHandle, month: string | undefined): Promise<string[]> {
  const concurrently = kind === 'postgres'
  if (month !== undefined) return detachPartitions(db, { before: new Date(month), concurrently })
  const { AUDIT_KEEP_MONTHS, FETCHES_KEEP_MONTHS } = parseConfig(process.env)
  const keep = { audit_log: AUDIT_KEEP_MONTHS, fetches: FETCHES_KEEP_MONTHS }
  const detached: string[] = []
  for (const [table, months] of Object.entries(keep)) {
    if (months === 0) continue
    const before = addMonths(new Date(), -months)
    detached.push(...(await detachPartitions(db, { before, concurrently, tables: [table] })))
  }
  return detached
}
