import { analyzeTables, type DatabaseHandle } from '@extropy/db'
import { runCommand } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:analyze [--vacuum] [--json]

Brings the planner's statistics up to date, and prints one line per table; --vacuum also clears dead rows.
`
const options = { vacuum: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } as const

await runCommand({ usage, options }, async (values) => {
  const analyze = async ({ db }: DatabaseHandle) => {
    await analyzeTables(db, {
      vacuum: values.vacuum,
      onTable(table) {
        const { table: name, estimatedRows, durationMs } = table
        process.stdout.write(
          values.json
            ? `${JSON.stringify(table)}\n`
            : `analyzed: ${name} (${estimatedRows.toLocaleString('en')} rows, ${durationMs.toFixed(0)} ms)\n`,
        )
      },
    })
  }
  // A pooler's sessions are shared: the time limit that this lifts would stay lifted for others.
  await withDatabase(analyze, { direct: true })
  return 0
})
