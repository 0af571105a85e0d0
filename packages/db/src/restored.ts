import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import { DatabaseNotEmptyError } from './generate/generate.ts'

/** @throws DatabaseNotEmptyError where the database has tables other than an extension's. */
export async function assertNoTables(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select oid::regclass::text as name from pg_class
    where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
      and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
    order by 1 limit 1`.execute(db)
  const [table] = rows
  if (table === undefined) return
  throw new DatabaseNotEmptyError(`The database has tables, such as ${table.name}. Restore into an empty one.`)
}

/** As migration 0006 did it: a dump that is restored without the roles of its old server has lost it. */
export async function protectHistory(db: Kysely<Database>): Promise<void> {
  await sql`revoke update, delete, truncate on extropy_ledger, audit_log from public, current_user`.execute(db)
}
