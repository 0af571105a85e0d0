import { type IndexReport, indexReport } from '@extropy/db'
import { formatBytes, formatTable } from './print-table.ts'
import { runCommand } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:index-report [--json]

Lists the size and use of every index, and those that are unused, missing, invalid, changed or bloated. The exit status
is 1 where one is missing, invalid or changed: pnpm db:migrate mends that.
`

await runCommand({ usage, options: { json: { type: 'boolean', default: false } } }, async (values) => {
  const report = await withDatabase(({ db }) => indexReport(db))
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describe(report))
  return report.missing.length + report.invalid.length + report.changed.length > 0 ? 1 : 0
})

function describe(report: IndexReport): string {
  const uses = report.indexes.map(({ table, index, bytes, scans, lastScanAt }) => ({
    table,
    index,
    size: formatBytes(bytes),
    scans,
    'last scan': lastScanAt?.slice(0, 16) ?? 'never',
  }))
  const section = (title: string, lines: readonly string[]) =>
    `\n${title}: ${lines.length === 0 ? 'none' : `\n${lines.map((line) => `  ${line}`).join('\n')}`}\n`
  return [
    formatTable(uses),
    section(
      'unused since the last reset of the statistics',
      report.unused.map(({ index, bytes }) => `${index} (${formatBytes(bytes)})`),
    ),
    section('missing', report.missing),
    section('invalid', report.invalid),
    section('not as declared', report.changed),
    section(
      'foreign keys without an index',
      report.unindexedForeignKeys.map(({ table, constraint }) => `${table}.${constraint}`),
    ),
    section(
      'bloated',
      report.bloated.map(
        ({ index, bytes, neededBytes }) => `${index}: ${formatBytes(bytes)}, needs about ${formatBytes(neededBytes)}`,
      ),
    ),
    section(
      'tables read whole more often than by index',
      report.scannedTables.map(
        ({ table, rows, sequentialScans, indexScans }) =>
          `${table} (${rows} rows): ${sequentialScans} whole, ${indexScans} by index`,
      ),
    ),
  ].join('')
}
