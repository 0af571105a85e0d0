import { bigint, defineTable, integerArray, type TableOf, text } from '../define-table.ts'

/** Requests counted for all servers together, where there is no Redis: see limits/database-limiter.ts of packages/api. */
export const rateLimits = defineTable({
  name: 'rate_limits',
  unannounced: true,
  columns: {
    /** `user:…`, `key:…`, `address:…` */
    bucket: text(),
    /** The newest minute that `counts` has, since 1970. */
    step: bigint(),
    /** By minute, the oldest first. */
    counts: integerArray(),
  },
  constraints: { rate_limits_pkey: 'PRIMARY KEY (bucket)' },
  indexes: {},
})

export type RateLimitsTable = TableOf<typeof rateLimits>
