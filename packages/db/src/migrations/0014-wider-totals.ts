import { type Kysely, sql } from 'kysely'

const totals = ['tokens_earned', 'tokens_received', 'tokens_sent', 'tokens_attributed', 'tokens_paid']

/**
 * A balance has a limit, what went through an account in its lifetime has none: an account that has sent 10^12 tokens must
 * be able to send one more. The ledger's hash no longer hangs on how the session writes times.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await setTotals(db, 'numeric(38, 8)')
  await setIso(db, `rtrim(rtrim(to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'`)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await setIso(db, `replace((moment at time zone 'UTC')::text, ' ', 'T') || 'Z'`)
  await setTotals(db, 'numeric(20, 8)')
}

/** The same number of places: no row is written anew. */
async function setTotals(db: Kysely<unknown>, type: string): Promise<void> {
  const columns = totals.map((column) => `alter column ${column} type ${type}`).join(', ')
  await sql.raw(`alter table users ${columns}`).execute(db)
}

async function setIso(db: Kysely<unknown>, body: string): Promise<void> {
  await sql
    .raw(
      `create or replace function extropy_iso(moment timestamptz) returns text language sql stable as $$ select ${body} $$`,
    )
    .execute(db)
}
