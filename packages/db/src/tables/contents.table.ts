import {
  checkIn,
  defineTable,
  halfvec,
  jsonb,
  nullable,
  smallint,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'
import { type Platform, platforms } from './platforms.ts'

/** One published piece, from any platform. */
export const contents = defineTable({
  name: 'contents',
  columns: {
    id: withDefault(uuid()),
    platform: text<Platform>(),
    sourceUrl: text(),
    /** The authors' display names, joined by `, `. */
    author: text(),
    title: text(),
    body: text(),
    /** ISO 639-1, as given or detected; null where nobody can tell. */
    language: nullable(text()),
    tags: withDefault(textArray()),
    publishedAt: nullable(timestamptz()),
    metrics: withDefault(jsonb<Record<string, unknown>>()),
    analysis: nullable(jsonb<Record<string, unknown>>()),
    /** The mean of its passages' vectors, once all of them have been read. */
    embedding: nullable(halfvec()),
    /** The model that read them, also where it knew none of the words and there is no vector. */
    embeddingModelId: nullable(smallint()),
    /** sha-256 of everything that the passages are made from: equal hash, nothing to do. */
    contentHash: text(),
    scrapedAt: withDefault(timestamptz()),
    analyzedAt: nullable(timestamptz()),
    /** Of the analysis that has read it as it is; 0 where none has. */
    analysisVersion: withDefault(smallint()),
  },
  constraints: {
    contents_pkey: 'PRIMARY KEY (id)',
    contents_source_url_key: 'UNIQUE (source_url)',
    contents_platform_check: checkIn('platform', platforms),
    contents_embedding_check: 'CHECK (((embedding IS NULL) OR (embedding_model_id IS NOT NULL)))',
    contents_embedding_model_id_fkey: 'FOREIGN KEY (embedding_model_id) REFERENCES embedding_models(id)',
  },
  indexes: {
    idx_contents_scraped_at_desc: { using: 'btree (scraped_at DESC, id DESC)', serves: 'contents.list' },
    idx_contents_platform_scraped: {
      using: 'btree (platform, scraped_at DESC, id DESC)',
      serves: 'contents.list by platform',
    },
    idx_contents_analyzed_at_not_null: {
      using: 'btree (analyzed_at)',
      where: '(analyzed_at IS NOT NULL)',
      serves: 'operators: what was analysed, and when last',
    },
    idx_contents_analysis_waiting: {
      using: 'btree (analysis_version, scraped_at DESC)',
      serves: 'which contents wait for their analysis, the newest first',
    },
    idx_contents_embedding_not_null: {
      using: 'btree (id)',
      where: '(embedding IS NOT NULL)',
      serves: 'operators: how many contents have a vector',
    },
  },
  churning: ['embedding', 'embeddingModelId', 'analysis', 'analyzedAt', 'analysisVersion'],
  triggers: {
    contents_announce_change:
      'CREATE TRIGGER contents_announce_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON contents FOR EACH STATEMENT EXECUTE FUNCTION extropy_announce_change()',
  },
})

export type ContentsTable = TableOf<typeof contents>
