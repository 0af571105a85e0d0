import { type Database, type EmbeddingModelRow, rawRead, rawWrite } from '@extropy/db'
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { toVectorLiteral } from '../embedding/embedder.ts'
import { inTransaction } from '../transaction.ts'

/** Longer than a batch takes with a remote model; after that whoever claimed it counts as gone. */
const claimSeconds = 120

export interface WaitingPassage {
  readonly chunkId: number
  readonly title: string
  readonly text: string
}

export interface ReadPassage {
  readonly chunkId: number
  /** Undefined where the model knows none of its words. */
  readonly vector: Float32Array | undefined
}

/**
 * Passages that the model has not read, the newest first, for the caller alone: until they are stored or released, or the
 * claim has run out, nobody else gets them.
 */
export async function claimPassages(
  db: Kysely<Database>,
  model: EmbeddingModelRow,
  most: number,
): Promise<WaitingPassage[]> {
  const unclaimed = (byModel: RawBuilder<unknown>) => sql`
    select id from content_chunks
    where ${byModel} and not exists (
      select from vector_claims where chunk_id = content_chunks.id and claimed_until > now())
    order by id desc limit ${most}
    for key share skip locked`
  const { rows } = await rawWrite(
    ['vectorClaims'],
    sql<WaitingPassage>`
    with claimed as (
      insert into vector_claims (chunk_id, claimed_until)
      select id, now() + make_interval(secs => ${claimSeconds}) from (
        select fresh.id from (${unclaimed(sql`embedding_model_id is null`)}) as fresh
        union all
        select former.id from embedding_models as model
        cross join lateral (${unclaimed(sql`embedding_model_id = model.id`)}) as former
        where model.id <> ${sql.lit(model.id)}
      ) as waiting
      order by id desc limit ${most}
      on conflict (chunk_id) do update set claimed_until = excluded.claimed_until
        where vector_claims.claimed_until <= now()
      returning chunk_id
    )
    select chunk_id, contents.title, content_chunks.text
    from claimed join content_chunks on content_chunks.id = chunk_id join contents on contents.id = content_id
    order by chunk_id desc`,
  ).execute(db)
  return rows
}

export async function releasePassages(db: Kysely<Database>, chunkIds: readonly number[]): Promise<void> {
  if (chunkIds.length > 0) await db.deleteFrom('vectorClaims').where('chunkId', 'in', chunkIds).execute()
}

/**
 * Stores what the model made of passages, and the vector of each content whose last passage is among them. Passages that
 * have gone meanwhile are left out.
 */
export async function storeVectors(
  db: Kysely<Database>,
  model: EmbeddingModelRow,
  passages: readonly ReadPassage[],
): Promise<void> {
  if (passages.length === 0) return
  const ids = passages.map(({ chunkId }) => chunkId)
  const vectors = passages.map(({ vector }) => (vector === undefined ? null : toVectorLiteral(vector)))
  return inTransaction(db, async (trx) => {
    const contentIds = await lockContents(trx, ids)
    await rawWrite(
      ['contentChunks'],
      sql`
      update content_chunks set embedding = given.vector::halfvec, embedding_model_id = ${sql.lit(model.id)}
      from unnest(${ids}::int[], ${vectors}::text[]) as given (id, vector)
      where content_chunks.id = given.id`,
    ).execute(trx)
    await releasePassages(trx, ids)
    await storeMeans(trx, model, contentIds)
  })
}

/** Before their passages, as an ingest does. Of two that store passages of one content the second sees all of them. */
async function lockContents(trx: Transaction<Database>, chunkIds: readonly number[]): Promise<string[]> {
  const rows = await trx
    .selectFrom('contents')
    .select('id')
    .where('id', 'in', (chunks) => chunks.selectFrom('contentChunks').select('contentId').where('id', 'in', chunkIds))
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return rows.map(({ id }) => id)
}

/** A content's own vector: the direction of its passages' mean. */
async function storeMeans(
  db: Kysely<Database>,
  model: EmbeddingModelRow,
  contentIds: readonly string[],
): Promise<void> {
  const { rows } = await rawRead(
    ['contentChunks'],
    sql<{ contentId: string; mean: string | null }>`
    select content_id, l2_normalize(avg(embedding::halfvec(${sql.lit(model.dimension)})))::text as mean
    from content_chunks where content_id = any(${contentIds}::uuid[])
    group by content_id
    having count(*) = count(*) filter (where embedding_model_id = ${sql.lit(model.id)})`,
  ).execute(db)
  for (const { contentId, mean } of rows) {
    await db
      .updateTable('contents')
      .set({ embedding: mean, embeddingModelId: model.id })
      .where('id', '=', contentId)
      .execute()
  }
}
