import { type Database, onePlan, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Question } from './query-words.ts'
import { distance, orNull, type QueryVector } from './vector-leg.ts'
import { bm25Of } from './word-leg.ts'

/** Passages by id, each in one of the two. */
export interface Candidates {
  /** Passages that the words found, best first. */
  readonly byWord: readonly number[]
  /** Passages that only the vector leg found. */
  readonly others: readonly number[]
}

/** A candidate beside the question, with what its own leg did not say of it. */
export interface MeasuredPassage {
  readonly chunkId: number
  /** Null where the passage has no vector of the model, or one without a direction. */
  readonly cosineDistance: number | null
  /** The score of the `others`; null where they have none of the words. */
  readonly bm25: number | null
}

/** Candidates beside the question. Nothing without a vector. */
export async function measureCandidates(
  db: Kysely<Database>,
  { words, corpus, embedded }: Question & { readonly embedded: QueryVector | undefined },
  { byWord, others }: Candidates,
): Promise<readonly MeasuredPassage[]> {
  if (embedded === undefined || byWord.length + others.length === 0) return []
  const { model, vector } = embedded
  const { rows } = await rawRead(
    ['contentChunks', 'searchPostings'],
    sql<MeasuredPassage>`
    select ${onePlan} candidate.id as chunk_id, ${orNull(distance(model, vector))} as cosine_distance,
           case when candidate.place <= ${others.length} then ${bm25Of(sql.ref('candidate.id'), words, corpus)} end as bm25
    from unnest(${[...others, ...byWord]}::int[]) with ordinality as candidate (id, place)
    left join content_chunks on content_chunks.id = candidate.id and embedding_model_id = ${sql.lit(model.id)}`,
  ).execute(db)
  return rows
}
