import { boolean, checkIn, defineTable, type TableOf, text, timestamptz, uuid, withDefault } from '../define-table.ts'

export const aliasReasons = ['canonical', 'redirect', 'text', 'archive'] as const
export type AliasReason = (typeof aliasReasons)[number]

/** Another address of a content that is there already. */
export const contentAliases = defineTable({
  name: 'content_aliases',
  columns: {
    url: text(),
    contentId: uuid(),
    /** The page's own word, a redirect, the same text, or an archive of its author. */
    reason: text<AliasReason>(),
    /** A person said that it is another piece: what comes from there is a content of its own. */
    isUndone: withDefault(boolean()),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    content_aliases_pkey: 'PRIMARY KEY (url)',
    content_aliases_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE CASCADE',
    content_aliases_reason_check: checkIn('reason', aliasReasons),
  },
  indexes: {
    idx_content_aliases_content_id: { using: 'btree (content_id)', serves: 'contents.listAliases; its foreign key' },
  },
})

export type ContentAliasesTable = TableOf<typeof contentAliases>

/** The hash of a content's words, without markup: the same text from elsewhere is the same content. */
export const contentTextHashes = defineTable({
  name: 'content_text_hashes',
  columns: { contentId: uuid(), textHash: text() },
  constraints: {
    content_text_hashes_pkey: 'PRIMARY KEY (content_id)',
    content_text_hashes_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE CASCADE',
  },
  indexes: {
    idx_content_text_hashes_text_hash: { using: 'btree (text_hash)', serves: 'scrape.findSameTexts' },
  },
})

export type ContentTextHashesTable = TableOf<typeof contentTextHashes>
