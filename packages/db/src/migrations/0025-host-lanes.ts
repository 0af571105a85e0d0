import { type Kysely, sql } from 'kysely'

/** One lane a host, for all processes together. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table host_lanes (
      lane text primary key,
      holder uuid,
      held_until timestamptz not null default '-infinity',
      released_at timestamptz not null default '-infinity',
      paused_until timestamptz not null default '-infinity'
    ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table host_lanes`.execute(db)
}
