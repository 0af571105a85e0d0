import { bigint, defineTable, integer, smallint, type TableOf, text, withDefault } from '../define-table.ts'

/*
 * The word index: the statistics of all passages for BM25. Triggers on content_chunks keep it in step, in the same
 * transaction; nothing else writes here.
 */

/** A text search configuration in use, and the size of its passages. Read it by `search_config_counts`. */
export const searchConfigs = defineTable({
  name: 'search_configs',
  columns: {
    searchConfig: text(),
    passageCount: integer(),
    /** Words of all passages, stop words left out, a repeated one each time. */
    titleLength: bigint(),
    bodyLength: bigint(),
  },
  constraints: { search_configs_pkey: 'PRIMARY KEY (search_config)' },
  indexes: {},
})

/** A lexeme and in how many passages it is; 0 where they were all deleted. Read the count by `search_term_counts`. */
export const searchTerms = defineTable({
  name: 'search_terms',
  columns: {
    id: withDefault(integer()),
    searchConfig: text(),
    lexeme: text(),
    passageCount: integer(),
  },
  constraints: {
    search_terms_pkey: 'PRIMARY KEY (id)',
    search_terms_search_config_lexeme_key: 'UNIQUE (search_config, lexeme)',
    search_terms_passage_count_check: 'CHECK ((passage_count >= 0))',
  },
  indexes: {
    idx_search_terms_lexeme_trigram: {
      using: 'gin (lexeme gin_trgm_ops)',
      serves: 'query.rag: a word that is in no passage',
    },
  },
})

/** What a writer left for the next one to add to `search_terms`, since another one was at it: see `search_term_counts`. */
export const searchTermChanges = defineTable({
  name: 'search_term_changes',
  columns: { termId: integer(), passageCount: integer() },
  constraints: {},
  indexes: {
    idx_search_term_changes_term_id: { using: 'btree (term_id)', serves: 'query.rag: in how many passages a word is' },
  },
})

/** The same for `search_configs`: see `search_config_counts`. */
export const searchConfigChanges = defineTable({
  name: 'search_config_changes',
  columns: { searchConfig: text(), passageCount: integer(), titleLength: bigint(), bodyLength: bigint() },
  constraints: {},
  indexes: {},
})

/** A term in a passage. */
export const searchPostings = defineTable({
  name: 'search_postings',
  columns: {
    termId: integer(),
    chunkId: integer(),
    titleCount: smallint(),
    bodyCount: smallint(),
    /** Words of the whole passage; here too, so that a score needs no other table. */
    titleLength: smallint(),
    bodyLength: smallint(),
  },
  constraints: {
    search_postings_pkey:
      'PRIMARY KEY (term_id, chunk_id) INCLUDE (title_count, body_count, title_length, body_length)',
  },
  indexes: {},
})

export type SearchConfigsTable = TableOf<typeof searchConfigs>
export type SearchTermsTable = TableOf<typeof searchTerms>
export type SearchTermChangesTable = TableOf<typeof searchTermChanges>
export type SearchConfigChangesTable = TableOf<typeof searchConfigChanges>
export type SearchPostingsTable = TableOf<typeof searchPostings>
