import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { rawRead, rawWrite } from '../dependencies/declared-sql.ts'
import { migrations } from '../migrations/index.ts'
import { sqlState, sqlStates } from '../pg-errors.ts'

export interface DatabaseReadiness {
  /** The node is a standby, or was told to take no writes. The other fields are then unknown. */
  readonly isReadOnly: boolean
  /** Migrations of this version that the database has not had. Ones that it does not know are of a newer version. */
  readonly pendingMigrations: readonly string[]
  /**
   * Indexes that no query uses, since their build broke off. None of a table on which a build is running: then they are
   * being made, and a server must not leave its load balancer for that.
   */
  readonly invalidIndexes: readonly string[]
}

/** Whether the database fits this version: one query of catalogs, about a millisecond, that writes nothing. */
export async function readDatabaseReadiness(db: Kysely<Database>): Promise<DatabaseReadiness> {
  const known = Object.keys(migrations)
  try {
    // A lock on none of a table's rows is refused all the same by a node that takes no writes.
    const { rows } = await rawRead(
      [],
      sql<{ executed: string[]; invalidIndexes: string[] }>`
      with writable as materialized (select from contents where false for update)
      select (select coalesce(array_agg(name::text), '{}') from kysely_migration) as executed,
             (select coalesce(array_agg(i.relname::text order by i.relname), '{}')
              from pg_index x join pg_class i on i.oid = x.indexrelid
              where not x.indisvalid and i.relnamespace = current_schema()::regnamespace
                and not exists (
                  select from pg_stat_progress_create_index p
                  where p.relid = x.indrelid or p.relid in (select inhrelid from pg_inherits where inhparent = x.indrelid))
             ) as invalid_indexes
      where not exists (select from writable)`,
    ).execute(db)
    const executed = new Set(rows[0]?.executed)
    return {
      isReadOnly: false,
      pendingMigrations: known.filter((name) => !executed.has(name)),
      invalidIndexes: rows[0]?.invalidIndexes ?? [],
    }
  } catch (error) {
    const unknown = { pendingMigrations: [], invalidIndexes: [] }
    if (sqlState(error) === sqlStates.readOnlySqlTransaction) return { isReadOnly: true, ...unknown }
    // No migration has ever run here.
    if (sqlState(error) === sqlStates.undefinedTable) return { isReadOnly: false, ...unknown, pendingMigrations: known }
    throw error
  }
}

/**
 * Whether the disk has room for a megabyte more: a temporary table of that size is made and dropped. For after the server
 * has said that its disk is full, since each time leaves dead rows in the catalogs.
 */
export async function findsRoom(db: Kysely<Database>): Promise<boolean> {
  try {
    await db.transaction().execute((trx) =>
      rawWrite(
        [],
        sql`
        create temporary table extropy_room on commit drop as
        select repeat('x', 1000) as filler from generate_series(1, 1000)`,
      ).execute(trx),
    )
    return true
  } catch (error) {
    if (sqlState(error) === sqlStates.diskFull) return false
    throw error
  }
}
