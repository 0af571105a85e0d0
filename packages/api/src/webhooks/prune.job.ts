import { z } from 'zod'
import { defineJob } from '../jobs/define-job.ts'

const keepDays = 30
const batchSize = 1000

/** Removes deliveries that ended long ago, a thousand at a time. */
export const pruneDeliveries = defineJob({
  kind: 'webhooks.prune',
  seenBy: 'admins',
  input: z.strictObject({}),
  everyMs: 6 * 3600 * 1000,
  async run({ deps, write, progress }) {
    const before = new Date(Date.now() - keepDays * 24 * 3600 * 1000).toISOString()
    for (let removed = 0; ; ) {
      const old = await deps.db
        .selectFrom('webhookDeliveries')
        .select('id')
        .where('queuedAt', '<', before)
        .where('status', '<>', 'pending')
        .limit(batchSize)
        .execute()
      if (old.length === 0) return { removed }
      const ids = old.map(({ id }) => id)
      await write((trx) => trx.deleteFrom('webhookDeliveries').where('id', 'in', ids).execute())
      removed += ids.length
      progress(removed)
    }
  },
})
