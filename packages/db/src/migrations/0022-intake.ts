import { type Kysely, sql } from 'kysely'

/** Sources, the log of fetches, and the other addresses of contents. The indexes are made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table sources (
      id uuid primary key default gen_random_uuid(),
      platform text not null constraint sources_platform_check
        check (platform = any (array['web', 'rss', 'youtube', 'reddit', 'twitter'])),
      kind text not null,
      target text not null,
      url text not null,
      label text not null,
      title text,
      site_url text,
      status text not null default 'active' constraint sources_status_check
        check (status = any (array['active', 'paused', 'failing', 'gone'])),
      item_limit integer not null default 20 constraint sources_item_limit_check check (item_limit between 1 and 200),
      interval_seconds integer constraint sources_interval_check check (interval_seconds between 900 and 604800),
      memory jsonb not null default '{}',
      folders text[] not null default '{}',
      added_by uuid references users (id) on delete set null,
      failures integer not null default 0,
      absences integer not null default 0,
      last_outcome text,
      last_message text,
      last_fetched_at timestamptz,
      last_ok_at timestamptz,
      last_new_at timestamptz,
      next_at timestamptz,
      next_reason text,
      created_at timestamptz not null default now(),
      constraint sources_target_key unique (platform, target)
    )`.execute(db)
  await sql`
    create table fetches (
      id uuid not null default gen_random_uuid(),
      fetched_at timestamptz not null default now(),
      platform text not null,
      source_id uuid,
      job_id uuid,
      target text not null,
      url text not null,
      final_url text not null,
      redirects jsonb not null default '[]',
      outcome text not null constraint fetches_outcome_check check (outcome = any (array['ok', 'unchanged', 'empty',
        'gone', 'blocked', 'needs-js', 'paywalled', 'refused', 'failed'])),
      reason text,
      message text,
      http_status integer,
      robots text,
      wire_bytes integer not null default 0,
      total_ms double precision not null,
      waited_ms double precision not null default 0,
      primary key (id, fetched_at)
    ) partition by range (fetched_at)`.execute(db)
  await sql`
    create function fetches_refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'fetches is append-only: % is refused', tg_op using errcode = 'restrict_violation';
    end $$`.execute(db)
  await sql`
    create trigger fetches_append_only before update or delete on fetches
    for each row execute function fetches_refuse_change()`.execute(db)
  await sql`
    create trigger fetches_keep before truncate on fetches
    for each statement execute function fetches_refuse_change()`.execute(db)
  await sql`
    create table looks (
      platform text not null,
      target text not null,
      looked_at timestamptz not null default now(),
      outcome text not null constraint looks_outcome_check check (outcome = any (array['ok', 'unchanged', 'empty',
        'gone', 'blocked', 'needs-js', 'paywalled', 'refused', 'failed'])),
      message text not null,
      content_ids uuid[] not null default '{}',
      primary key (platform, target)
    )`.execute(db)
  await sql`
    create table content_aliases (
      url text primary key,
      content_id uuid not null references contents (id) on delete cascade,
      reason text not null constraint content_aliases_reason_check
        check (reason = any (array['canonical', 'redirect', 'text', 'archive'])),
      is_undone boolean not null default false,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table content_text_hashes (
      content_id uuid primary key references contents (id) on delete cascade,
      text_hash text not null
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table content_text_hashes, content_aliases, looks, fetches, sources`.execute(db)
  await sql`drop function fetches_refuse_change()`.execute(db)
}
