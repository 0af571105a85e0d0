import {
  bytea,
  defineTable,
  integer,
  nullable,
  type TableOf,
  text,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'
import type { Platform } from './platforms.ts'

/** A document as it came, as text in UTF-8: a page, or a feed's entry. One row however many contents were read from it; it goes with the last. */
export const rawDocuments = defineTable({
  name: 'raw_documents',
  columns: {
    /** SHA-256 of the text. */
    hash: bytea(),
    /** The text, compressed as gzip. */
    bytes: bytea(),
    /** Of the text itself. */
    sizeBytes: integer(),
  },
  constraints: { raw_documents_pkey: 'PRIMARY KEY (hash)' },
  indexes: {},
})

export type RawDocumentsTable = TableOf<typeof rawDocuments>

/** Where a content has been met: once for each target that was looked at, followed or not. */
export const contentOrigins = defineTable({
  name: 'content_origins',
  columns: {
    contentId: uuid(),
    platform: text<Platform>(),
    /** As in `sources`. */
    target: text(),
    /** Of the document. */
    url: text(),
    httpStatus: nullable(integer()),
    etag: nullable(text()),
    contentType: nullable(text()),
    /** Null: none is kept. */
    documentHash: nullable(bytea()),
    documentTakenAt: nullable(timestamptz()),
    firstMetAt: withDefault(timestamptz()),
    lastMetAt: withDefault(timestamptz()),
  },
  constraints: {
    content_origins_pkey: 'PRIMARY KEY (content_id, platform, target)',
    content_origins_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE CASCADE',
    content_origins_document_hash_fkey: 'FOREIGN KEY (document_hash) REFERENCES raw_documents(hash)',
  },
  indexes: {
    idx_content_origins_first_met: {
      using: 'btree (platform, target, first_met_at)',
      serves: 'subscriptions.findContents: what a source has brought since then',
    },
    idx_content_origins_document_hash: {
      using: 'btree (document_hash)',
      where: '(document_hash IS NOT NULL)',
      serves: 'content_origins_drop_document; its foreign key',
    },
  },
  triggers: {
    content_origins_drop_document:
      'CREATE TRIGGER content_origins_drop_document AFTER DELETE OR UPDATE OF document_hash ON content_origins FOR EACH ROW EXECUTE FUNCTION content_origins_drop_document()',
  },
  maintains: ['raw_documents'],
})

export type ContentOriginsTable = TableOf<typeof contentOrigins>
