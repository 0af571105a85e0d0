import { type Kysely, sql } from 'kysely'

/** Addresses that are told what happens, and what is and was sent to them. The indexes are made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhooks (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users (id) on delete cascade,
      url text not null,
      description text,
      events text[] not null default '{}',
      status text not null default 'active' constraint webhooks_status_check
        check (status = any (array['active', 'disabled'])),
      disabled_reason text,
      secret text not null,
      previous_secret text,
      previous_until timestamptz,
      last_sequence bigint not null default 0,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table webhook_deliveries (
      id uuid primary key default gen_random_uuid(),
      webhook_id uuid not null references webhooks (id) on delete cascade,
      sequence bigint not null,
      type text not null,
      body text not null,
      status text not null default 'pending' constraint webhook_deliveries_status_check
        check (status = any (array['pending', 'delivered', 'dead'])),
      attempts integer not null default 0,
      log jsonb not null default '[]',
      next_at timestamptz,
      created_at timestamptz not null default now(),
      queued_at timestamptz not null default now(),
      delivered_at timestamptz,
      constraint webhook_deliveries_sequence_key unique (webhook_id, sequence)
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table webhook_deliveries, webhooks`.execute(db)
}
