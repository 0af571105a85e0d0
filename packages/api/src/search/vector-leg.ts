import { type Database, type EmbeddingModelRow, onePlan, rawRead } from '@extropy/db'
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
  /** Compare every passage: the collection is so small that it has no index. Default false. */
  readonly exactly?: boolean
  readonly condition: RawBuilder<boolean> | undefined
  readonly limit: number
  /** How many near passages the walk keeps in view; more finds more and costs more. */
  readonly efSearch: number
}

/**
 * A filter that leaves at most so many passages is answered exactly: comparing them costs some 3 µs each, most of it to
 * fetch the row, while the walk of the index would pass hundreds of others for each that it may keep.
 */
export const exactUpTo = 2000

/** All passages that a selective filter leaves. */
export interface FewPassages {
  readonly chunkIds: readonly number[]
  /** Nearest first, ties by passage id; empty without a vector to compare with. */
  readonly nearest: readonly VectorHit[]
}

/** Undefined where the filter leaves more than `exactUpTo` passages. Read once, for both legs. */
export async function findFew(
  db: Kysely<Database>,
  embedded: QueryVector | undefined,
  condition: RawBuilder<boolean> | undefined,
): Promise<FewPassages | undefined> {
  if (condition === undefined) return undefined
  const measured =
    embedded === undefined
      ? sql`null::float8`
      : sql`case when embedding_model_id = ${sql.lit(embedded.model.id)} then ${orNull(distance(embedded.model, embedded.vector))} end`
  const { rows } = await rawRead(
    ['contentChunks'],
    sql<{ chunkId: number; cosineDistance: number | null }>`
    select id as chunk_id, ${measured} as cosine_distance from content_chunks
    where ${condition} limit ${exactUpTo + 1}`,
  ).execute(db)
  if (rows.length > exactUpTo) return undefined
  const nearest = rows
    .filter((row): row is VectorHit => row.cosineDistance !== null)
    .sort((x, y) => x.cosineDistance - y.cosineDistance || x.chunkId - y.chunkId)
  return { chunkIds: rows.map(({ chunkId }) => chunkId), nearest }
}

/** The nearest passages by cosine distance, ties by passage id: `limit` of them wherever so many exist. */
export async function searchVectors(
  db: Kysely<Database>,
  embedded: QueryVector | undefined,
  few: FewPassages | undefined,
  options: VectorLegOptions,
): Promise<VectorLeg> {
  if (embedded === undefined) return { hits: [], method: 'none' }
  if (few !== undefined) return { hits: few.nearest.slice(0, options.limit), method: 'exact' }
  if (options.exactly) return { hits: await searchExactly(db, embedded, options), method: 'exact' }
  const maySuffice = options.condition === undefined && options.limit <= largestEfSearch
  for (const iterate of maySuffice ? [false, true] : [true]) {
    const hits = await walkIndex(db, embedded, { ...options, iterate })
    if (hits.length >= options.limit) return { hits, method: 'approximate' }
  }
  // pgvector ends its scan at hnsw.max_scan_tuples; what is short of the limit may not be all that there is.
  return { hits: await searchExactly(db, embedded, options), method: 'exact' }
}

/** Compares every passage that the condition leaves: also the truth that the index is measured against. */
export async function searchExactly(
  db: Kysely<Database>,
  { model, vector }: QueryVector,
  { condition = sql`true`, limit }: Pick<VectorLegOptions, 'condition' | 'limit'>,
): Promise<VectorHit[]> {
  // Materialized: the index orders by the distance alone, and must not be chosen here.
  const { rows } = await rawRead(
    ['contentChunks'],
    sql<VectorHit>`
    with allowed as materialized (
      select id, ${orNull(distance(model, vector))} as cosine_distance
      from content_chunks where embedding_model_id = ${sql.lit(model.id)} and ${condition}
    )
    select id as chunk_id, cosine_distance from allowed where cosine_distance is not null
    order by cosine_distance, id limit ${limit}`,
  ).execute(db)
  return rows
}

interface WalkOptions extends VectorLegOptions {
  /** On to further passages where the first `efSearch` are not enough: it remembers all that it saw, at a fifth more. */
  readonly iterate: boolean
}

/** The approximate search alone: what the recall is measured of. */
export async function walkIndex(
  db: Kysely<Database>,
  { model, vector }: QueryVector,
  { condition, limit, efSearch, iterate }: WalkOptions,
): Promise<VectorHit[]> {
  const efInView = String(Math.min(largestEfSearch, Math.max(efSearch, limit)))
  // The settings end with the statement, or with the transaction that it is in, whatever pooler sits between. The walk asks for
  // them, so that it begins after they are made. strict_order: the ranks are exact.
  const { rows } = await rawRead(
    ['contentChunks'],
    sql<VectorHit>`
    select ${condition === undefined ? onePlan : sql``} chunk_id, cosine_distance
    from (
      select set_config('hnsw.iterative_scan', ${iterate ? 'strict_order' : 'off'}, true) as scan,
             set_config('hnsw.ef_search', ${efInView}, true) as ef
      offset 0
    ) as setting
    cross join lateral (
      select id as chunk_id, ${distance(model, vector)} as cosine_distance
      from content_chunks
      where embedding_model_id = ${sql.lit(model.id)} and embedding is not null and ${condition ?? sql`true`}
        and setting.scan is not null and setting.ef is not null
      order by cosine_distance
      limit ${sql.lit(limit)}
    ) as nearest
    order by cosine_distance, chunk_id`,
  ).execute(db)
  return rows
}

/** Id and dimension stand in the text: a parameter would hide the model's own index from a generic plan. */
export function distance(model: EmbeddingModelRow, vector: Float32Array): RawBuilder<number> {
  const type = vectorType(model)
  return sql`embedding::${type} <=> ${toVectorLiteral(vector)}::${type}`
}

/** A vector without a direction, all zeros, is at no distance from anything: pgvector says NaN. */
export function orNull(measured: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`nullif(${measured}, 'NaN'::float8)`
}

function vectorType({ dimension }: EmbeddingModelRow): RawBuilder<unknown> {
  return sql`halfvec(${sql.lit(dimension)})`
}
