import { defineTable, type TableOf, uuid } from '../define-table.ts'

/** One row: an id that no other database ever created has. */
export const databaseIdentity = defineTable({
  name: 'database_identity',
  columns: { id: uuid() },
  constraints: { database_identity_pkey: 'PRIMARY KEY (id)' },
  indexes: {},
})

export type DatabaseIdentityTable = TableOf<typeof databaseIdentity>
