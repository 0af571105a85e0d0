import { type Kysely, sql } from 'kysely'

/** Where a content came from, and the document that it was read from. The index is made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table raw_documents (
      hash bytea primary key,
      bytes bytea not null,
      size_bytes integer not null
    )`.execute(db)
  await sql`
    create table content_origins (
      content_id uuid not null references contents (id) on delete cascade,
      platform text not null,
      target text not null,
      url text not null,
      http_status integer,
      etag text,
      content_type text,
      document_hash bytea references raw_documents (hash),
      document_taken_at timestamptz,
      first_met_at timestamptz not null default now(),
      last_met_at timestamptz not null default now(),
      primary key (content_id, platform, target)
    )`.execute(db)
  // A document goes with the last content that was read from it. One that is being named anew at this moment is locked by that, and stays.
  await sql`
    create function content_origins_drop_document() returns trigger language plpgsql as $$
    begin
      delete from raw_documents where hash in (
        select hash from raw_documents
        where hash = old.document_hash
          and not exists (select from content_origins where document_hash = old.document_hash)
        for update skip locked);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger content_origins_drop_document after delete or update of document_hash on content_origins
    for each row execute function content_origins_drop_document()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table content_origins, raw_documents`.execute(db)
  await sql`drop function content_origins_drop_document()`.execute(db)
}
