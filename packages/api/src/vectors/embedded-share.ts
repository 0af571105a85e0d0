import { type Database, type EmbeddingModelRow, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

/** So many are counted in a millisecond: fewer are counted anew each time. */
const countedQuickly = 10_000
const kept = new WeakMap<EmbeddingModelRow, { readonly until: number; readonly share: number }>()

/**
 * The share of the stored passages that the model has read, 0 to 1; 1 where there are none. Those that wait are counted in
 * their index: where they are very many, the last count stands until counting has taken a hundredth of the time.
 */
export async function readEmbeddedShare(db: Kysely<Database>, model: EmbeddingModelRow): Promise<number> {
  const startedAt = performance.now()
  const known = kept.get(model)
  if (known !== undefined && startedAt < known.until) return known.share
  const { waiting, passages } = await countPassages(db, model)
  const share = passages === 0 ? 1 : Math.max(0, 1 - waiting / passages)
  const endedAt = performance.now()
  if (waiting > countedQuickly) kept.set(model, { until: endedAt + 100 * (endedAt - startedAt), share })
  return share
}

/** All that are stored, and those of them that the model has not read. */
export async function countPassages(
  db: Kysely<Database>,
  model: EmbeddingModelRow,
): Promise<{ readonly waiting: number; readonly passages: number }> {
  const { rows } = await rawRead(
    ['contentChunks', 'searchConfigs'],
    sql<{ waiting: number; passages: number }>`
    select (
        (select count(*) from content_chunks where embedding_model_id is null) +
        (select coalesce(sum(former.passages), 0) from embedding_models as model
         cross join lateral (
           select count(*) as passages from content_chunks where embedding_model_id = model.id
         ) as former
         where model.id <> ${sql.lit(model.id)})
      )::int as waiting,
      (select coalesce(sum(passage_count), 0)::int from search_configs) as passages`,
  ).execute(db)
  return rows[0] ?? { waiting: 0, passages: 0 }
}
