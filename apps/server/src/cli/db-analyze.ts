import { analyzeTables } from '@extropy/db'
import { runCommand } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:analyze [--vacuum] [--json]

Brings the planner's statistics up to date, and prints one line per table; --vacuum also clears dead rows.
`
const options = { vacuum: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } as const

await runCommand({ usage, options }, async (values) => {
  await withDatabase(async ({ db }) => {
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
  })
  return 0
})
