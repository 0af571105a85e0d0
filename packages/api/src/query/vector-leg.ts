import type { Database, EmbeddingModelRow } from '@extropy/db'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { toVectorLiteral } from '../embedding/embedder.ts'

/** pgvector's own bound; beyond it the scan goes on by iterations. */
const largestEfSearch = 1000

export interface QueryVector {
  readonly model: EmbeddingModelRow
  readonly vector: Float32Array
}

export interface VectorHit {
  readonly chunkId: number
  readonly cosineDistance: number
}

export interface VectorLeg {
  readonly hits: readonly VectorHit[]
  /** Exact: every passage that the filter leaves was compared. Approximate: the index was walked. */
  readonly method: 'exact' | 'approximate' | 'none'
}

interface VectorLegOptions {
  readonly condition: RawBuilder<boolean> | undefined
  readonly limit: number
  /** How many near passages the walk keeps in view; more finds more and costs more. */
  readonly efSearch: number
}

/**
 * A filter that leaves at most so many passages is answered exactly: comparing them costs some 7 µs each, most of it to
 * fetch the row, while the walk of the index would pass hundreds of others for each that it may keep.
 */
const exactUpTo = 2000

/** The nearest passages by cosine distance, ties by passage id: `limit` of them wherever so many exist. */
export async function searchVectors(
  db: Kysely<Database>,
  embedded: QueryVector | undefined,
  options: VectorLegOptions,
): Promise<VectorLeg> {
  if (embedded === undefined) return { hits: [], method: 'none' }
  if (options.condition !== undefined && (await isSelective(db, options.condition))) {
    return { hits: await searchExactly(db, embedded, options), method: 'exact' }
  }
  const hits = await walkIndex(db, embedded, options)
  if (hits.length >= options.limit) return { hits, method: 'approximate' }
  // pgvector ends its scan at hnsw.max_scan_tuples; what is short of the limit may not be all that there is.
  return { hits: await searchExactly(db, embedded, options), method: 'exact' }
}

/** Compares every passage that the condition leaves: also the truth that the index is measured against. */
export async function searchExactly(
  db: Kysely<Database>,
  { model, vector }: QueryVector,
  { condition = sql`true`, limit }: Omit<VectorLegOptions, 'efSearch'>,
): Promise<VectorHit[]> {
  // Materialized: the index orders by the distance alone, and must not be chosen here.
  const { rows } = await sql<VectorHit>`
    with allowed as materialized (
      select id, ${distance(model, vector)} as cosine_distance
      from content_chunks where embedding_model_id = ${sql.lit(model.id)} and ${condition}
    )
    select id as chunk_id, cosine_distance from allowed order by cosine_distance, id limit ${limit}`.execute(db)
  return rows
}

/** The distances of given passages, whatever leg found them; those without a vector of the model are not in the answer. */
export async function measurePassages(
  db: Kysely<Database>,
  embedded: QueryVector | undefined,
  chunkIds: readonly number[],
): Promise<VectorHit[]> {
  if (embedded === undefined || chunkIds.length === 0) return []
  const { model, vector } = embedded
  const { rows } = await sql<VectorHit>`
    select id as chunk_id, ${distance(model, vector)} as cosine_distance
    from content_chunks where id = any(${chunkIds}::int[]) and embedding_model_id = ${sql.lit(model.id)}`.execute(db)
  return rows
}

async function isSelective(db: Kysely<Database>, condition: RawBuilder<boolean>): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (select from content_chunks where ${condition} limit ${exactUpTo + 1}) as kept`.execute(
    db,
  )
  return (rows[0]?.count ?? 0) <= exactUpTo
}

/** The approximate search alone: what the recall is measured of. */
export async function walkIndex(
  db: Kysely<Database>,
  { model, vector }: QueryVector,
  { condition = sql`true`, limit, efSearch }: VectorLegOptions,
): Promise<VectorHit[]> {
  const statement = sql<VectorHit>`
    select chunk_id, cosine_distance from (
      select id as chunk_id, ${distance(model, vector)} as cosine_distance
      from content_chunks
      where embedding_model_id = ${sql.lit(model.id)} and ${condition}
      order by ${distance(model, vector)}
      limit ${limit}
    ) as nearest
    order by cosine_distance, chunk_id`
  // Settings for this statement alone, whatever pooler sits between. strict_order: the ranks are exact.
  return db.transaction().execute(async (trx) => {
    await sql`select set_config('hnsw.iterative_scan', 'strict_order', true),
                     set_config('hnsw.ef_search', ${String(Math.min(largestEfSearch, Math.max(efSearch, limit)))}, true)`.execute(
      trx,
    )
    return (await statement.execute(trx)).rows
  })
}

/** Id and dimension stand in the text: a parameter would hide the model's own index from a generic plan. */
function distance({ dimension }: EmbeddingModelRow, vector: Float32Array): RawBuilder<number> {
  const type = sql`halfvec(${sql.lit(dimension)})`
  return sql`embedding::${type} <=> ${toVectorLiteral(vector)}::${type}`
}
