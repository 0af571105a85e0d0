import { defineTable, nullable, type TableOf, text, timestamptz, uuid, withDefault } from '../define-table.ts'

/** Whose turn it is at a host, for all processes together, and who leads a task: see lanes/database-lanes.ts and lead.ts of packages/api. */
export const hostLanes = defineTable({
  name: 'host_lanes',
  unannounced: true,
  columns: {
    /** `example.org:443`, `task:analysis` */
    lane: text(),
    /** One turn; null: nobody's. */
    holder: nullable(uuid()),
    /** A holder that was killed has lost its turn then. */
    heldUntil: withDefault(timestamptz()),
    releasedAt: withDefault(timestamptz()),
    /** The host's own wish. */
    pausedUntil: withDefault(timestamptz()),
  },
  constraints: { host_lanes_pkey: 'PRIMARY KEY (lane)' },
  indexes: {},
})

export type HostLanesTable = TableOf<typeof hostLanes>
