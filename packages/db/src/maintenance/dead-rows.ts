import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { rawRead } from '../dependencies/declared-sql.ts'

export interface TableDeadRows {
  readonly table: string
  readonly liveRows: number
  /** Versions of rows that nobody can see any more and VACUUM has not cleared away yet. An estimate, as `liveRows` is. */
  readonly deadRows: number
  /** The share of all row versions, 0–1. */
  readonly deadShare: number
  /** The last vacuum, automatic or by hand. Null: never. */
  readonly lastVacuumAt: string | null
  readonly lastAnalyzeAt: string | null
}

/** The share of dead rows in each table, the highest first. Reads statistics only; milliseconds. */
export async function deadRows(db: Kysely<Database>, { limit = 20 } = {}): Promise<TableDeadRows[]> {
  const { rows } = await rawRead(
    [],
    sql<TableDeadRows>`
    select relname as "table", n_live_tup::float8 as live_rows, n_dead_tup::float8 as dead_rows,
           coalesce(n_dead_tup::float8 / nullif(n_live_tup + n_dead_tup, 0), 0) as dead_share,
           greatest(last_vacuum, last_autovacuum) as last_vacuum_at,
           greatest(last_analyze, last_autoanalyze) as last_analyze_at
    from pg_stat_user_tables
    where schemaname = current_schema() and relname not like 'kysely\\_%'
    order by n_dead_tup desc, relname
    limit ${limit}`,
  ).execute(db)
  return rows
}
