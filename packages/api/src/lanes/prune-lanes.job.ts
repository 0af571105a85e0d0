import { rawWrite } from '@extropy/db'
import { sql } from 'kysely'
import { z } from 'zod'
import { defineJob } from '../jobs/define-job.ts'

/** Once a day: lanes of hosts that nobody has asked for a day, and that want no pause, are as good as new. */
export const pruneLanes = defineJob({
  kind: 'lanes.prune',
  seenBy: 'admins',
  input: z.strictObject({}),
  everyMs: 24 * 3600 * 1000,
  async run({ write }) {
    const { numAffectedRows = 0n } = await write((trx) =>
      rawWrite(
        ['hostLanes'],
        sql`
        delete from host_lanes
        where greatest(held_until, released_at, paused_until) < now() - interval '1 day'`,
      ).execute(trx),
    )
    return { removed: Number(numAffectedRows) }
  },
})
