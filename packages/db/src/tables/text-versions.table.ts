import { defineTable, integer, nullable, type TableOf, text } from '../define-table.ts'

/** The version of the rules for words that the stored rows of one kind were read by, and the progress of a change. */
export const textVersions = defineTable({
  name: 'text_versions',
  columns: {
    /** The kind of rows: `passages`, `cards`. */
    part: text(),
    version: integer(),
    /** The key of the last row that was read by this version; empty before the first, null after the last. */
    reached: nullable(text()),
  },
  constraints: { text_versions_pkey: 'PRIMARY KEY (part)' },
  indexes: {},
})

export type TextVersionsTable = TableOf<typeof textVersions>
