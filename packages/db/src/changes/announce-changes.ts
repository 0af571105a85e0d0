import { type Kysely, sql } from 'kysely'
import { toSnakeCase } from '../column-names.ts'
import type { Database } from '../database.ts'

/**
 * For a program that writes beside running servers: tells them of tables whose triggers do not (see migration 12), so that
 * they purge answers from those. In a transaction, they hear at its commit.
 */
export async function announceChanges(db: Kysely<Database>, tables: readonly (keyof Database)[]): Promise<void> {
  for (const table of tables) {
    await sql`select pg_notify('extropy_changes', ${toSnakeCase(table)})`.execute(db)
  }
}
