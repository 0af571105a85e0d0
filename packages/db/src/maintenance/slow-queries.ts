import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { rawRead } from '../dependencies/declared-sql.ts'
import { sqlState, sqlStates } from '../pg-errors.ts'

export interface SlowQuery {
  /** With `$1` where its values were: no caller's data. */
  readonly query: string
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly maxMs: number
  readonly rows: number
  /** The share of its blocks that was in memory; 1 where it read none. */
  readonly cacheHitShare: number
}

/** This server keeps no statistics on statements; the message says how to make it. */
export class NoStatementStatisticsError extends Error {
  override readonly name = 'NoStatementStatisticsError'
}

/**
 * The statements of this database that took most time altogether, from pg_stat_statements.
 *
 * @throws NoStatementStatisticsError
 */
export async function slowQueries(db: Kysely<Database>, { limit = 20 } = {}): Promise<SlowQuery[]> {
  try {
    const { rows } = await rawRead(
      [],
      sql<SlowQuery>`
      select left(regexp_replace(query, '\\s+', ' ', 'g'), 500) as query, calls::float8 as calls,
             total_exec_time as total_ms, mean_exec_time as mean_ms, max_exec_time as max_ms, rows::float8 as rows,
             coalesce(shared_blks_hit::float8 / nullif(shared_blks_hit + shared_blks_read, 0), 1) as cache_hit_share
      from pg_stat_statements
      -- Other statements keep their values, among them passwords.
      where query ~* '^\\s*(select|insert|update|delete|merge|with)\\M' and dbid = (select oid from pg_database where datname = current_database())
      order by total_exec_time desc
      limit ${limit}`,
    ).execute(db)
    return rows
  } catch (error) {
    const state = sqlState(error)
    const hasNoExtension = state === sqlStates.undefinedTable
    const isNotLoaded = state === sqlStates.objectNotInPrerequisiteState
    if (!hasNoExtension && !isNotLoaded) throw error
    throw new NoStatementStatisticsError(
      "There are no statistics on statements. On a PostgreSQL server, set shared_preload_libraries = 'pg_stat_statements', restart it, and run db:migrate. The embedded database keeps none.",
      { cause: error },
    )
  }
}
