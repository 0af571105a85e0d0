import type { Selectable } from 'kysely'
import { defineTable, integer, smallint, type TableOf, text, withDefault } from '../define-table.ts'

/** An embedding model whose vectors are stored: its name and dimension, once for all its rows. */
export const embeddingModels = defineTable({
  name: 'embedding_models',
  columns: {
    id: withDefault(smallint()),
    name: text(),
    dimension: integer(),
  },
  constraints: {
    embedding_models_pkey: 'PRIMARY KEY (id)',
    embedding_models_name_key: 'UNIQUE (name)',
    // 4,000 is the most that pgvector's HNSW can index as halfvec.
    embedding_models_dimension_check: 'CHECK (((dimension >= 1) AND (dimension <= 4000)))',
  },
  indexes: {},
})

export type EmbeddingModelsTable = TableOf<typeof embeddingModels>
export type EmbeddingModelRow = Selectable<EmbeddingModelsTable>
