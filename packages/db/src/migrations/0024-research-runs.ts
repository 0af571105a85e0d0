import { type Kysely, sql } from 'kysely'

/** A session's job, its questions and its budget. What callers had put into its outputs stays there, as notes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table research_sessions
      add column questions text[] not null default '{}',
      add column targets text[] not null default '{}',
      add column budget jsonb not null default '{"requests":20,"seconds":300,"tokens":20000}',
      add column spent jsonb not null default '{"requests":0,"seconds":0,"tokens":0}',
      add column job_id uuid references jobs (id) on delete set null`.execute(db)
  await sql`update research_sessions set outputs = jsonb_build_object('notes', outputs) where outputs <> '{}'`.execute(
    db,
  )
  await sql`
    update research_sessions set status = 'failed', finished_at = now(), updated_at = now(),
      outputs = outputs || '{"problem":"It was begun before sessions ran by themselves: run it again."}'
    where status = 'in_progress'`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table research_sessions drop column questions, drop column targets, drop column budget, drop column spent,
      drop column job_id`.execute(db)
}
