import { type Kysely, sql } from 'kysely'

/**
 * Passages are stored with their words, and their vectors follow. A passage that the model has read and found nothing in is
 * told from one that waits by its model's id; `vector_claims` says who is at work on which, so that no two servers are on
 * the same.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table content_chunks drop constraint content_chunks_embedding_check,
      add constraint content_chunks_embedding_check check (embedding is null or embedding_model_id is not null)`.execute(
    db,
  )
  await sql`
    create table vector_claims (
      chunk_id integer primary key references content_chunks (id) on delete cascade,
      claimed_until timestamptz not null
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table vector_claims`.execute(db)
  await sql`update content_chunks set embedding_model_id = null where embedding is null`.execute(db)
  await sql`
    alter table content_chunks drop constraint content_chunks_embedding_check,
      add constraint content_chunks_embedding_check check ((embedding is null) = (embedding_model_id is null))`.execute(
    db,
  )
}
