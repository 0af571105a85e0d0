import { type Kysely, sql } from 'kysely'

/**
 * Contents say which version of the analysis has read them, so that the others wait for it; patterns say how they were found and with
 * what words. Patterns that stood on a content go with it, in the same statement: an elaboration with any of its steps, the others when
 * too few contents are left for one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table contents add column analysis_version smallint not null default 0`.execute(db)
  await sql`
    alter table authors
      add column patterns_version smallint not null default 0,
      add column patterns_found_at timestamptz`.execute(db)
  await sql`
    alter table patterns
      add column method text not null default '',
      add column version smallint not null default 0,
      drop constraint patterns_type_check,
      add constraint patterns_type_check check (type in ('elaboration', 'theme', 'hook', 'framework', 'reprint'))`.execute(
    db,
  )
  await sql`
    alter table pattern_contents
      add column position integer not null default 0,
      add column evidence jsonb not null default '{}'`.execute(db)
  await sql`
    create function extropy_drop_broken_patterns() returns trigger language plpgsql as $$
    begin
      delete from patterns
      where id in (select pattern_id from gone) and (
        type = 'elaboration'
        or (select count(*) from pattern_contents where pattern_id = patterns.id)
           < case type when 'reprint' then 2 else 3 end);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger pattern_contents_drop_broken after delete on pattern_contents referencing old table as gone
    for each statement execute function extropy_drop_broken_patterns()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger pattern_contents_drop_broken on pattern_contents`.execute(db)
  await sql`drop function extropy_drop_broken_patterns()`.execute(db)
  await sql`alter table pattern_contents drop column position, drop column evidence`.execute(db)
  await sql`delete from patterns where type = 'reprint'`.execute(db)
  await sql`
    alter table patterns drop column method, drop column version,
      drop constraint patterns_type_check,
      add constraint patterns_type_check check (type in ('elaboration', 'theme', 'hook', 'framework'))`.execute(db)
  await sql`alter table authors drop column patterns_version, drop column patterns_found_at`.execute(db)
  await sql`alter table contents drop column analysis_version`.execute(db)
}
