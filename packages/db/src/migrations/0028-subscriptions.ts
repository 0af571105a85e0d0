import { type Kysely, sql } from 'kysely'

/** Questions whose answers are watched, and the differences that were told. The indexes are made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table subscriptions (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users (id) on delete cascade,
      kind text not null constraint subscriptions_kind_check check (kind = any (array['answer', 'search', 'source'])),
      name text not null,
      input jsonb not null,
      tags text[] not null default '{*}',
      touched bigint not null default 0,
      answered bigint not null default 0,
      answer jsonb not null default '[]',
      last_sequence bigint not null default 0,
      feed_token text not null constraint subscriptions_feed_token_key unique,
      created_at timestamptz not null default now(),
      answered_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table subscription_changes (
      id uuid primary key default gen_random_uuid(),
      subscription_id uuid not null references subscriptions (id) on delete cascade,
      sequence bigint not null,
      change jsonb not null,
      created_at timestamptz not null default now(),
      constraint subscription_changes_sequence_key unique (subscription_id, sequence)
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table subscription_changes, subscriptions`.execute(db)
}
