import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await createUsers(db)
  await createCards(db)
  await createAttributions(db)
  await createResearch(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop table pattern_contents, patterns, research_sessions, attributions, cards, api_keys, users`.execute(db)
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id uuid primary key default gen_random_uuid(),
      username text not null constraint users_username_check check (username ~ '^[A-Za-z0-9_.-]{1,64}$'),
      email text not null constraint users_email_check check (char_length(email) <= 320 and email like '_%@_%'),
      display_name text not null,
      bio text,
      extropy_balance numeric(20, 8) not null default 0,
      tokens_earned numeric(20, 8) not null default 0,
      tokens_received numeric(20, 8) not null default 0,
      tokens_sent numeric(20, 8) not null default 0,
      tokens_attributed numeric(20, 8) not null default 0,
      tokens_paid numeric(20, 8) not null default 0,
      ledger_sequence bigint not null default 0 constraint users_ledger_sequence_check check (ledger_sequence >= 0),
      ledger_hash bytea,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint users_balance_check check (extropy_balance >= 0),
      constraint users_totals_check check (
        extropy_balance = tokens_earned + tokens_received - tokens_sent + tokens_attributed - tokens_paid),
      constraint users_ledger_hash_check
        check ((ledger_hash is null) = (ledger_sequence = 0) and octet_length(ledger_hash) = 32)
    )`.execute(db)
  // Uniqueness is the table's own, so it is there from the first row on; the other indexes are built afterwards.
  await sql`create unique index idx_users_email_lower on users (lower(email))`.execute(db)
  await sql`create unique index idx_users_username_lower on users (lower(username))`.execute(db)

  await sql`
    create table api_keys (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users (id) on delete cascade,
      name text not null,
      prefix text not null,
      key_hash bytea not null constraint api_keys_key_hash_check check (octet_length(key_hash) = 32),
      scopes text[] not null constraint api_keys_scopes_check
        check (cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'admin']),
      is_active boolean not null default true,
      is_revoked boolean not null default false,
      revoked_at timestamptz,
      expires_at timestamptz,
      rate_limit_per_hour integer not null default 1000
        constraint api_keys_rate_limit_check check (rate_limit_per_hour > 0),
      rotated_from_id uuid references api_keys (id) on delete set null,
      last_used_at timestamptz,
      created_at timestamptz not null default now(),
      constraint api_keys_revoked_check check (is_revoked = (revoked_at is not null))
    )`.execute(db)
  await sql`
    create unique index idx_api_keys_hash_active on api_keys (key_hash) where is_active and not is_revoked`.execute(db)
}

async function createCards(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table cards (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users (id) on delete cascade,
      title text not null constraint cards_title_check check (char_length(title) between 1 and 1000),
      body text not null,
      tags text[] not null default '{}' constraint cards_tags_check check (cardinality(tags) <= 100),
      category text,
      privacy_level text not null constraint cards_privacy_level_check
        check (privacy_level in ('BUSINESS', 'IDEAS', 'PERSONAL', 'PRIVATE', 'THOUGHTS', 'JOURNAL')),
      content_id uuid references contents (id) on delete set null,
      parent_card_id uuid references cards (id) on delete set null,
      is_published boolean not null default false,
      published_at timestamptz,
      slug text not null,
      search_vector tsvector not null generated always as (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D')) stored,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (user_id, slug),
      constraint cards_id_user_id_key unique (id, user_id),
      constraint cards_published_check check (not is_published or published_at is not null),
      constraint cards_privacy_check check (not is_published or privacy_level in ('BUSINESS', 'IDEAS')),
      constraint cards_parent_check check (parent_card_id <> id)
    )`.execute(db)
  await sql`
    alter table cards alter column tags set statistics 500, alter column search_vector set statistics 500`.execute(db)
}

async function createAttributions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table attributions (
      id uuid primary key default gen_random_uuid(),
      source_card_id uuid not null,
      source_user_id uuid not null,
      target_card_id uuid not null,
      target_user_id uuid not null,
      type text not null constraint attributions_type_check check (type in ('citation', 'remix', 'reply')),
      context text,
      excerpt text,
      tokens_transferred numeric(20, 8) not null
        constraint attributions_tokens_check check (tokens_transferred > 0),
      created_at timestamptz not null default now(),
      unique (source_card_id, target_card_id, type),
      constraint attributions_source_fkey foreign key (source_card_id, source_user_id)
        references cards (id, user_id) on delete cascade,
      constraint attributions_target_fkey foreign key (target_card_id, target_user_id)
        references cards (id, user_id) on delete cascade,
      constraint attributions_own_card_check check (source_card_id <> target_card_id and source_user_id <> target_user_id)
    )`.execute(db)
}

async function createResearch(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table research_sessions (
      id uuid primary key default gen_random_uuid(),
      user_id uuid not null references users (id) on delete cascade,
      name text not null,
      brief text not null,
      platforms text[] not null default '{}' constraint research_sessions_platforms_check
        check (platforms <@ array['web', 'rss', 'youtube', 'reddit', 'twitter']),
      keywords text[] not null default '{}',
      target_authorities text[] not null default '{}',
      contents_found integer not null default 0,
      contents_analyzed integer not null default 0,
      patterns_found integer not null default 0,
      outputs jsonb not null default '{}',
      status text not null default 'in_progress' constraint research_sessions_status_check
        check (status in ('in_progress', 'completed', 'failed')),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      finished_at timestamptz,
      constraint research_sessions_counts_check
        check (contents_found >= 0 and contents_analyzed >= 0 and patterns_found >= 0),
      constraint research_sessions_finished_check check ((status = 'in_progress') = (finished_at is null))
    )`.execute(db)

  await sql`
    create table patterns (
      id uuid primary key default gen_random_uuid(),
      author_id uuid not null references authors (id) on delete cascade,
      type text not null constraint patterns_type_check check (type in ('elaboration', 'theme', 'hook', 'framework')),
      description text not null,
      confidence_score double precision not null constraint patterns_confidence_score_check
        check (confidence_score >= 0 and confidence_score <= 1),
      discovered_at timestamptz not null default now()
    )`.execute(db)

  await sql`
    create table pattern_contents (
      pattern_id uuid not null references patterns (id) on delete cascade,
      content_id uuid not null references contents (id) on delete cascade,
      primary key (pattern_id, content_id)
    )`.execute(db)
}
