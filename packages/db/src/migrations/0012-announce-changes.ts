import { type Kysely, sql } from 'kysely'

/**
 * Tables that other programs than a server write to, such as `pnpm ingest`: servers that keep answers listen for their
 * names. Accounts and cards are left out: a notification makes every commit wait for every other, and only servers, who
 * tell each other by Redis, write those.
 */
const announced = ['authors', 'content_authors', 'content_chunks', 'contents', 'pattern_contents', 'patterns']

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_announce_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify('extropy_changes', tg_table_name);
      return null;
    end $$`.execute(db)
  for (const table of announced) {
    await sql
      .raw(
        `create trigger ${table}_announce_change after insert or update or delete or truncate on ${table}
         for each statement execute function extropy_announce_change()`,
      )
      .execute(db)
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of announced) await sql.raw(`drop trigger ${table}_announce_change on ${table}`).execute(db)
  await sql`drop function extropy_announce_change()`.execute(db)
}
