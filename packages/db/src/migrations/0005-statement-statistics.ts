import { type Kysely, sql } from 'kysely'

/** For the report of slow queries. Where the server has not got it, or won't let us, that report says so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    begin
      if exists (select from pg_available_extensions where name = 'pg_stat_statements') then
        create extension if not exists pg_stat_statements;
      end if;
    exception when insufficient_privilege then
      raise notice 'pg_stat_statements needs a superuser';
    end $$`.execute(db)
}

/** The extension stays: another application in the same database may use it. */
export async function down(): Promise<void> {}
