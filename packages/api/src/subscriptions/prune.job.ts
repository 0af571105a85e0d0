import { z } from 'zod'
import { defineJob } from '../jobs/define-job.ts'

const keepDays = 365
const batchSize = 1000

/** Removes differences that were told long ago, a thousand at a time: whoever resumes behind one of those gets the later ones. */
export const pruneChanges = defineJob({
  kind: 'subscriptions.prune',
  seenBy: 'admins',
  input: z.strictObject({}),
  everyMs: 6 * 3600 * 1000,
  async run({ deps, write, progress }) {
    const before = new Date(Date.now() - keepDays * 24 * 3600 * 1000).toISOString()
    for (let removed = 0; ; ) {
      const old = await deps.db
        .selectFrom('subscriptionChanges')
        .select('id')
        .where('createdAt', '<', before)
        .orderBy('createdAt')
        .limit(batchSize)
        .execute()
      if (old.length === 0) return { removed }
      const ids = old.map(({ id }) => id)
      await write((trx) => trx.deleteFrom('subscriptionChanges').where('id', 'in', ids).execute())
      removed += ids.length
      progress(removed)
    }
  },
})
