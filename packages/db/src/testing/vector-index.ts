import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { indexDefinition } from '../indexes.ts'
import { vectorIndex } from '../tables/content-chunks.table.ts'

/** Builds a model's HNSW index, however few vectors it has: `migrate` would leave it out. */
export async function buildVectorIndex(db: Kysely<Database>, model: { id: number; dimension: number }): Promise<void> {
  await sql.raw(indexDefinition('content_chunks', ...vectorIndex(model))).execute(db)
}
