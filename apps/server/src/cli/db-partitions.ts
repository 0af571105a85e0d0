import { createPartitions, detachPartitions, listPartitions } from '@extropy/db'
import { formatBytes, formatTable } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:partitions [--ahead MONTHS] [--detach-before YYYY-MM] [--json]

Creates the next MONTHS (default 6) of the tables that are split by month. --detach-before moves the months before that
one (at the latest the current month) out of their tables into the schema extropy_archive. Lists the partitions then.
`

const options = {
  ahead: { type: 'string', default: '6' },
  'detach-before': { type: 'string' },
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
  const report = await withDatabase(async ({ db, kind }) => {
    const created: string[] = []
    await createPartitions(db, { monthsAhead, onStep: ({ name }) => created.push(name) })
    const concurrently = kind === 'postgres'
    const detached = before === undefined ? [] : await detachPartitions(db, { before: new Date(before), concurrently })
    return { created, detached, partitions: await listPartitions(db) }
  })
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else {
    for (const name of report.created) process.stdout.write(`created: ${name}\n`)
    for (const name of report.detached) process.stdout.write(`detached: ${name}\n`)
    const rows = report.partitions.map(({ name, month, estimatedRows, bytes }) => ({
      partition: name,
      month: month.slice(0, 7),
      rows: estimatedRows,
      size: formatBytes(bytes),
    }))
    process.stdout.write(formatTable(rows))
  }
  return 0
})
