import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'

/**
 * As text: the id of its row, of its server's data and of the database in it. A dump that is restored elsewhere, a folder that
 * is copied by initdb and a schema that is created anew each differ in one of them; a replica that is promoted in none.
 */
export const selectDatabaseId = `
  select concat_ws('-', identity.id, control.system_identifier, database.oid) as id
  from database_identity identity, pg_control_system() control, pg_database database
  where database.datname = current_database()`

/** The database must have been migrated. */
export async function readDatabaseId(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql.raw<{ id: string }>(selectDatabaseId).execute(db)
  return (rows[0] as { id: string }).id
}
