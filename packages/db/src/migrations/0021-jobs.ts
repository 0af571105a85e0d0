import { type Kysely, sql } from 'kysely'

/** Durable work. The indexes are made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table jobs (
      id uuid primary key default gen_random_uuid(),
      kind text not null,
      subject text,
      input jsonb not null,
      user_id uuid references users (id) on delete cascade,
      status text not null default 'queued'
        constraint jobs_status_check
          check (status = any (array['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead'])),
      lanes text[] not null default '{}',
      singleton_key text,
      run_after timestamptz not null default now(),
      attempt integer not null default 0,
      max_attempts integer not null default 5,
      fence integer not null default 0,
      lease_until timestamptz,
      deadline_at timestamptz,
      cancel_requested_at timestamptz,
      progress_done integer,
      progress_total integer,
      progress_rate double precision,
      log jsonb not null default '[]',
      revision integer not null default 0,
      result jsonb,
      error text,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      constraint jobs_lease_check check ((status = 'running') = (lease_until is not null)),
      constraint jobs_finished_check check ((status = any (array['queued', 'running'])) = (finished_at is null))
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)`.execute(db)
  await sql`
    create table job_checkpoints (
      job_id uuid not null references jobs (id) on delete cascade,
      name text not null,
      result jsonb not null,
      created_at timestamptz not null default now(),
      primary key (job_id, name)
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table job_checkpoints, jobs`.execute(db)
}
