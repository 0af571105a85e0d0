import { type Database, type EmbeddingModelRow, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { efSearch } from './search.ts'
import { searchExactly, walkIndex } from './vector-leg.ts'

/** The nearest ten are what a search shows. */
const nearest = 10

export interface SampledRecall {
  /** Share of the ten truly nearest passages that the index finds, 0 to 1; null before the first sample. */
  readonly recallAt10: number | null
  /** Passages asked with, of the last `window`. */
  readonly samples: number
}

interface SampledRecallOptions {
  /** Passages asked with each time; each costs one exact search, some 7 µs a passage of the collection. Default 3. */
  readonly perRound?: number
  /** The newest so many samples count. Default 100. */
  readonly window?: number
  /** The way to search that is measured. Default: the index, as a search walks it. */
  readonly walk?: typeof walkIndex
}

/**
 * Recall of the vector index on live data: vectors of passages at random, asked of the index as a search asks it first, and
 * exactly. Many passages deleted since the last vacuum make it look worse than a search is, which then goes on. `sample` is for a timer, `read` for whoever reports it. A database without passages of the model has nothing to
 * sample.
 */
export function createSampledRecall(
  db: Kysely<Database>,
  model: EmbeddingModelRow,
  { perRound = 3, window = 100, walk = walkIndex }: SampledRecallOptions = {},
) {
  const recalls: number[] = []
  return {
    async sample(): Promise<void> {
      for (const vector of await pickVectors(db, model, perRound)) {
        const truth = await searchExactly(db, { model, vector }, { condition: undefined, limit: nearest })
        const found = await walk(
          db,
          { model, vector },
          { condition: undefined, limit: nearest, efSearch, iterate: false },
        )
        // By distance: of two passages with equal vectors, either may be the tenth.
        const farthest = truth.at(-1)?.cosineDistance ?? 0
        const hits = found.filter(({ cosineDistance }) => cosineDistance <= farthest)
        recalls.push(truth.length === 0 ? 1 : hits.length / truth.length)
      }
      recalls.splice(0, Math.max(0, recalls.length - window))
    },
    read(): SampledRecall {
      const { length: samples } = recalls
      return {
        recallAt10: samples === 0 ? null : recalls.reduce((sum, recall) => sum + recall, 0) / samples,
        samples,
      }
    },
  }
}

/** From random places in the order of the ids: whole-table sampling would read the table. */
async function pickVectors(db: Kysely<Database>, model: EmbeddingModelRow, count: number): Promise<Float32Array[]> {
  const { rows } = await rawRead(
    ['contentChunks'],
    sql<{ embedding: string }>`
    select picked.embedding::text as embedding
    from (select min(id) as low, max(id) as high from content_chunks) as range
    cross join lateral (
      select range.low + floor(random() * (range.high - range.low + 1))::int as start from generate_series(1, ${count}::int)
    ) as place
    cross join lateral (
      select embedding from content_chunks
      where id >= place.start and embedding_model_id = ${sql.lit(model.id)} and embedding is not null order by id limit 1
    ) as picked`,
  ).execute(db)
  return rows.map(({ embedding }) => Float32Array.from(JSON.parse(embedding) as number[]))
}
