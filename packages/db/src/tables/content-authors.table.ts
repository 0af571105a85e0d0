import { defineTable, smallint, type TableOf, uuid } from '../define-table.ts'

/** The authors of a content: there may be several, in an order. */
export const contentAuthors = defineTable({
  name: 'content_authors',
  columns: {
    contentId: uuid(),
    authorId: uuid(),
    /** 0 for the author named first. */
    position: smallint(),
  },
  constraints: {
    content_authors_pkey: 'PRIMARY KEY (content_id, author_id)',
    content_authors_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE CASCADE',
    content_authors_author_id_fkey: 'FOREIGN KEY (author_id) REFERENCES authors(id)',
    content_authors_position_check: 'CHECK (("position" >= 0))',
  },
  indexes: {
    idx_content_authors_author_id: {
      using: 'btree (author_id)',
      serves: "ingest: an author's content count; contents.list by author",
    },
  },
  triggers: {
    content_authors_announce_change:
      'CREATE TRIGGER content_authors_announce_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON content_authors FOR EACH STATEMENT EXECUTE FUNCTION extropy_announce_change()',
  },
})

export type ContentAuthorsTable = TableOf<typeof contentAuthors>
