import { defineTable, integer, type TableOf, timestamptz } from '../define-table.ts'

/** Passages whose vectors somebody is making now. One who was killed has claims that run out. */
export const vectorClaims = defineTable({
  name: 'vector_claims',
  columns: {
    chunkId: integer(),
    claimedUntil: timestamptz(),
  },
  constraints: {
    vector_claims_pkey: 'PRIMARY KEY (chunk_id)',
    vector_claims_chunk_id_fkey: 'FOREIGN KEY (chunk_id) REFERENCES content_chunks(id) ON DELETE CASCADE',
  },
  indexes: {},
})

export type VectorClaimsTable = TableOf<typeof vectorClaims>
