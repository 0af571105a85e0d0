import { slowQueries } from '@extropy/db'
import { formatTable } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:slow-queries [--limit 20] [--json]

Lists the statements that took most time in total, from pg_stat_statements.
`
const options = { limit: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } } as const

await runCommand({ usage, options }, async (values) => {
  const limit = Number(values.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new UsageError('--limit must be from 1 to 1000')
  }
  const queries = await withDatabase(({ db }) => slowQueries(db, { limit }))
  if (values.json) process.stdout.write(`${JSON.stringify(queries)}\n`)
  else {
    const rows = queries.map(({ query, calls, totalMs, meanMs, maxMs, cacheHitShare }) => ({
      calls,
      'total ms': Math.round(totalMs),
      'mean ms': Number(meanMs.toFixed(3)),
      'max ms': Number(maxMs.toFixed(1)),
      'in memory %': Math.round(cacheHitShare * 100),
      query: query.slice(0, 120),
    }))
    process.stdout.write(formatTable(rows))
  }
  return 0
})
