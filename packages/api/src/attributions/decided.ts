import { sql } from 'kysely'

/** A proposal that is no longer open; its evidence has served. */
export const decided = (status: 'accepted' | 'refused') => ({
  status,
  evidence: sql<Record<string, unknown>>`'{}'::jsonb`,
  decidedAt: sql<string>`clock_timestamp()`,
})
