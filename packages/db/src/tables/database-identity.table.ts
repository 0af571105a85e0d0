import { defineTable, type TableOf, uuid } from '../define-table.ts'

/** One row: what tells this database from every other that was ever created. */
export const databaseIdentity = defineTable({
  name: 'database_identity',
  columns: { id: uuid() },
  constraints: { database_identity_pkey: 'PRIMARY KEY (id)' },
  indexes: {},
})

export type DatabaseIdentityTable = TableOf<typeof databaseIdentity>
