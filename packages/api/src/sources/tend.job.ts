import { z } from 'zod'
import { defineJob } from '../jobs/define-job.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { refreshJob } from './look.job.ts'
import { putOff } from './sources.commands.ts'
import { findDue, getSourceRow } from './sources.queries.ts'

/** At most so many a minute: after a long stop they come one after the other, and not all at once. */
const mostAtOnce = 200

/**
 * Every minute: a job for each source whose time has come. One that has its job already gets no second one,
 * and none is due again before its look says so, or is lost: those that wait for their host do not keep others from being begun.
 */
export const tendJob = defineJob({
  kind: 'sources.tend',
  seenBy: 'admins',
  input: z.object({}),
  everyMs: 60_000,
  run: async (context) => {
    const due = await findDue(context.deps.db, { now: new Date(), most: mostAtOnce })
    for (const { id } of due) {
      const { platform, kind, target, url, label, itemLimit } = await getSourceRow(context.deps.db, id)
      await context.write(async (trx) => {
        const given = { target: { platform, kind, key: target, url, label }, sourceId: id, limit: itemLimit }
        await enqueue(trx, refreshJob, given)
        await putOff(trx, id)
      })
    }
    return { due: due.length }
  },
})
