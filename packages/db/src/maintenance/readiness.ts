import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { migrations } from '../migrations/index.ts'
import { sqlState } from '../pg-errors.ts'

export interface DatabaseReadiness {
  /** Migrations of this version that the database has not had. Ones that it does not know are of a newer version. */
  readonly pendingMigrations: readonly string[]
  /**
   * Indexes that no query uses, since their build broke off. None of a table on which a build is running: then they are
   * being made, and a server must not leave its load balancer for that.
   */
  readonly invalidIndexes: readonly string[]
}

/** Whether the database is as this version needs it: one query of catalogs, about a millisecond. */
export async function readDatabaseReadiness(db: Kysely<Database>): Promise<DatabaseReadiness> {
  const known = Object.keys(migrations)
  try {
    const { rows } = await sql<{ executed: string[]; invalidIndexes: string[] }>`
      select (select coalesce(array_agg(name::text), '{}') from kysely_migration) as executed,
             (select coalesce(array_agg(i.relname::text order by i.relname), '{}')
              from pg_index x join pg_class i on i.oid = x.indexrelid
              where not x.indisvalid and i.relnamespace = current_schema()::regnamespace
                and not exists (
                  select from pg_stat_progress_create_index p
                  where p.relid = x.indrelid or p.relid in (select inhrelid from pg_inherits where inhparent = x.indrelid))
             ) as invalid_indexes`.execute(db)
    const executed = new Set(rows[0]?.executed)
    return {
      pendingMigrations: known.filter((name) => !executed.has(name)),
      invalidIndexes: rows[0]?.invalidIndexes ?? [],
    }
  } catch (error) {
    // undefined_table: no migration has ever run here.
    if (sqlState(error) !== '42P01') throw error
    return { pendingMigrations: known, invalidIndexes: [] }
  }
}
