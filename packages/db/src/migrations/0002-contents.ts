import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table embedding_models (
      id smallint generated always as identity primary key,
      name text not null unique,
      dimension integer not null check (dimension >= 1 and dimension <= 4000)
    )`.execute(db)

  await sql`
    create table contents (
      id uuid primary key default gen_random_uuid(),
      platform text not null check (platform in ('web', 'rss', 'youtube', 'reddit', 'twitter')),
      source_url text not null unique,
      author text not null,
      title text not null,
      body text not null,
      tags text[] not null default '{}',
      published_at timestamptz,
      metrics jsonb not null default '{}',
      analysis jsonb,
      embedding halfvec,
      embedding_model_id smallint references embedding_models (id),
      content_hash text not null,
      scraped_at timestamptz not null default now(),
      analyzed_at timestamptz,
      constraint contents_embedding_check check (embedding is null or embedding_model_id is not null)
    )`.execute(db)

  await sql`
    create table authors (
      id uuid primary key default gen_random_uuid(),
      platform text not null check (platform in ('web', 'rss', 'youtube', 'reddit', 'twitter')),
      username text not null,
      display_name text not null,
      bio text,
      follower_count integer not null default 0,
      following_count integer not null default 0,
      content_count integer not null default 0,
      authority_score double precision check (authority_score >= 0 and authority_score <= 1),
      unique (platform, username),
      constraint authors_counts_check check (follower_count >= 0 and following_count >= 0 and content_count >= 0)
    )`.execute(db)

  await sql`
    create table content_authors (
      content_id uuid not null references contents (id) on delete cascade,
      author_id uuid not null references authors (id),
      position smallint not null check (position >= 0),
      primary key (content_id, author_id)
    )`.execute(db)

  await sql`
    create table content_chunks (
      content_id uuid not null references contents (id) on delete cascade,
      ordinal integer not null check (ordinal >= 0),
      text text not null,
      search_vector tsvector not null,
      embedding halfvec,
      embedding_model_id smallint references embedding_models (id),
      platform text not null,
      author_ids uuid[] not null,
      published_at timestamptz,
      primary key (content_id, ordinal),
      constraint content_chunks_embedding_check check ((embedding is null) = (embedding_model_id is null))
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table content_chunks, content_authors, authors, contents, embedding_models`.execute(db)
}
