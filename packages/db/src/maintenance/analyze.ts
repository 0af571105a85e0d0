import { type Kysely, sql } from 'kysely'
import { type Database, tables } from '../database.ts'

export interface AnalyzedTable {
  readonly table: string
  /** The estimate by the new statistics. */
  readonly estimatedRows: number
  readonly durationMs: number
}

/**
 * Brings the planner's statistics up to date, table by table. With `vacuum`, dead rows are cleared away as well and
 * index-only scans find their visibility map; that reads every table whole.
 */
export async function analyzeTables(
  db: Kysely<Database>,
  { vacuum = false, onTable = () => {} }: { vacuum?: boolean; onTable?: (table: AnalyzedTable) => void } = {},
): Promise<AnalyzedTable[]> {
  return db.connection().execute(async (session) => {
    await sql`set statement_timeout = 0`.execute(session)
    try {
      const done: AnalyzedTable[] = []
      for (const { name } of tables) {
        const startedAt = performance.now()
        await sql`${sql.raw(vacuum ? 'vacuum (analyze)' : 'analyze')} ${sql.id(name)}`.execute(session)
        const { rows } = await sql<{ estimatedRows: number }>`
          select greatest(reltuples, 0)::float8 as estimated_rows from pg_class where oid = ${name}::regclass`.execute(
          session,
        )
        const table = {
          table: name,
          estimatedRows: rows[0]?.estimatedRows ?? 0,
          durationMs: performance.now() - startedAt,
        }
        onTable(table)
        done.push(table)
      }
      return done
    } finally {
      await sql`reset statement_timeout`.execute(session)
    }
  })
}
