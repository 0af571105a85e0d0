import { parseArgs } from 'node:util'
import { analyzeTables } from '@extropy/db'
import { runCommand } from './run-command.ts'
import { withDatabase } from './with-database.ts'

/** `pnpm db:analyze [--vacuum] [--json]`: the planner's statistics, a line a table; --vacuum clears dead rows as well. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: { vacuum: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  })
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
