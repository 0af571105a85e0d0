import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists vector`.execute(db)
  await sql`create extension if not exists pg_trgm`.execute(db)
}

/** The extensions stay: another application in the same database may use them. */
export async function down(): Promise<void> {}
