import { type Database, deadRows, indexReport, NoStatementStatisticsError, slowQueries } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { withinDeadline } from './deadline.ts'
import type { IndexHealth, SlowStatement, TableHealth } from './health.schema.ts'
import { keepFor } from './keep-for.ts'

interface AdminReports {
  readonly slowest_statements: z.output<typeof SlowStatement>[] | null
  readonly indexes: z.output<typeof IndexHealth> | null
  readonly tables: z.output<typeof TableHealth>[] | null
  readonly not_shown: Readonly<Record<string, string>>
}

const needsAdmin = 'needs a key with the scope admin'

/** Table names, statements and sizes are for operators alone. */
export const withheldReports: AdminReports = {
  slowest_statements: null,
  indexes: null,
  tables: null,
  not_shown: { slowest_statements: needsAdmin, indexes: needsAdmin, tables: needsAdmin },
}

/** How long a report is good for: a page that refreshes itself costs the catalogs six readings a minute. */
const goodForMs = 10_000

/** A report that fails leaves the others standing. */
export const readAdminReports = keepFor(goodForMs, async (db): Promise<AdminReports> => {
  const notShown: Record<string, string> = {}
  const orWhyNot = async <Report>(name: string, read: (db: Kysely<Database>) => Promise<Report>) => {
    try {
      return await withinDeadline(db, read)
    } catch (error) {
      const isKnown = error instanceof AppError || error instanceof NoStatementStatisticsError
      notShown[name] = isKnown ? error.message : 'could not be read'
      return null
    }
  }
  // One after the other: a report must not take several connections from those who work.
  const slowest_statements = await orWhyNot('slowest_statements', readSlowest)
  const indexes = await orWhyNot('indexes', readIndexes)
  const tables = await orWhyNot('tables', readTables)
  return { slowest_statements, indexes, tables, not_shown: notShown }
})

async function readSlowest(db: Kysely<Database>) {
  const slowest = await slowQueries(db, { limit: 10 })
  return slowest.map(({ query, calls, totalMs, meanMs, maxMs, rows, cacheHitShare }) => ({
    query,
    calls,
    total_ms: totalMs,
    mean_ms: meanMs,
    max_ms: maxMs,
    rows,
    cache_hit_share: cacheHitShare,
  }))
}

async function readIndexes(db: Kysely<Database>) {
  const { unused, invalid, missing, bloated } = await indexReport(db)
  return {
    unused: unused.map(({ index, table, bytes }) => ({ index, table, bytes })),
    invalid: [...invalid],
    missing: [...missing],
    bloated: bloated.map(({ index, bytes, neededBytes }) => ({ index, bytes, needed_bytes: neededBytes })),
  }
}

async function readTables(db: Kysely<Database>) {
  const tables = await deadRows(db)
  return tables.map((row) => ({
    table: row.table,
    live_rows: row.liveRows,
    dead_rows: row.deadRows,
    dead_share: row.deadShare,
    last_vacuum_at: row.lastVacuumAt,
    last_analyze_at: row.lastAnalyzeAt,
  }))
}
