import {
  defineTable,
  halfvec,
  type Index,
  integer,
  nullable,
  smallint,
  type TableOf,
  text,
  textArray,
  timestamptz,
  tsvector,
  uuid,
  uuidArray,
  withDefault,
} from '../define-table.ts'
import type { Platform } from './platforms.ts'

/**
 * A passage of a content. The columns that search filters by are copied here from the content, because pgvector's index can only
 * filter while it walks where the columns sit on the row that it indexes.
 */
export const contentChunks = defineTable({
  name: 'content_chunks',
  columns: {
    /** Narrow, for the word index: a posting has it once for each of the passage's words. */
    id: withDefault(integer()),
    contentId: uuid(),
    /** 0 for the first passage of its content. */
    ordinal: integer(),
    text: text(),
    /** Title (weight A) and passage (weight D). */
    searchVector: tsvector(),
    /** The text search configuration that made `searchVector`: the language's, or `simple`. */
    searchConfig: withDefault(text()),
    embedding: nullable(halfvec()),
    /** The model that read it, also where it knew none of the words and there is no vector; null before the first one has. */
    embeddingModelId: nullable(smallint()),
    platform: text<Platform>(),
    authorIds: uuidArray(),
    publishedAt: nullable(timestamptz()),
    tags: withDefault(textArray()),
  },
  maintains: ['search_configs', 'search_terms', 'search_postings', 'search_term_changes', 'search_config_changes'],
  constraints: {
    content_chunks_id_key: 'UNIQUE (id)',
    content_chunks_pkey: 'PRIMARY KEY (content_id, ordinal)',
    content_chunks_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE CASCADE',
    content_chunks_embedding_model_id_fkey: 'FOREIGN KEY (embedding_model_id) REFERENCES embedding_models(id)',
    content_chunks_embedding_check: 'CHECK (((embedding IS NULL) OR (embedding_model_id IS NOT NULL)))',
    content_chunks_ordinal_check: 'CHECK ((ordinal >= 0))',
  },
  indexes: {
    idx_content_chunks_embedding_model: {
      using: 'btree (embedding_model_id, id)',
      serves: 'passages that wait for their vectors, the newest first; how many there are',
    },
    idx_content_chunks_search_vector: { using: 'gin (search_vector)', serves: 'query.rag, phrases' },
    idx_content_chunks_platform_published: {
      using: 'btree (platform, published_at)',
      serves: 'query.rag by platform and time',
    },
    idx_content_chunks_published_at: { using: 'btree (published_at)', serves: 'query.rag by time' },
    idx_content_chunks_author_ids: { using: 'gin (author_ids)', serves: 'query.rag by author' },
    idx_content_chunks_tags: { using: 'gin (tags)', serves: 'query.rag by tag' },
  },
  triggers: {
    content_chunks_announce_change:
      'CREATE TRIGGER content_chunks_announce_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON content_chunks FOR EACH STATEMENT EXECUTE FUNCTION extropy_announce_change()',
    content_chunks_word_index_insert:
      'CREATE TRIGGER content_chunks_word_index_insert AFTER INSERT ON content_chunks REFERENCING NEW TABLE AS new_chunks FOR EACH STATEMENT EXECUTE FUNCTION search_index_follow()',
    content_chunks_word_index_update:
      'CREATE TRIGGER content_chunks_word_index_update AFTER UPDATE ON content_chunks REFERENCING OLD TABLE AS old_chunks NEW TABLE AS new_chunks FOR EACH STATEMENT EXECUTE FUNCTION search_index_follow()',
    content_chunks_word_index_delete:
      'CREATE TRIGGER content_chunks_word_index_delete AFTER DELETE ON content_chunks REFERENCING OLD TABLE AS old_chunks FOR EACH STATEMENT EXECUTE FUNCTION search_index_follow()',
    content_chunks_word_index_truncate:
      'CREATE TRIGGER content_chunks_word_index_truncate AFTER TRUNCATE ON content_chunks FOR EACH STATEMENT EXECUTE FUNCTION search_index_follow()',
  },
})

/**
 * Up to so many passages with a vector of a model are compared one by one, and the model has no index: that finds all that is
 * near, takes no longer than a walk of the index, and costs a passage that is written nothing. See decision 42.
 */
export const exactVectorsUpTo = 8000

/**
 * The HNSW index of one embedding model: each model has its own, over its own rows and dimension, so that a second
 * model can live beside the first. pgvector's defaults, m = 16 and ef_construction = 64, found 95 % of the ten nearest of 100,000
 * passages where these find 98 %: see decision 42.
 */
export function vectorIndex(model: { id: number; dimension: number }): [name: string, index: Index] {
  return [
    `idx_content_chunks_embedding_model_${model.id}`,
    {
      using: `hnsw (((embedding)::halfvec(${model.dimension})) halfvec_cosine_ops) WITH (m='32', ef_construction='256')`,
      where: `(embedding_model_id = ${model.id})`,
      serves: 'query.rag, vector leg',
    },
  ]
}

export type ContentChunksTable = TableOf<typeof contentChunks>
