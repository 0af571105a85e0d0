import { rawWrite } from '@extropy/db'
import { sql } from 'kysely'
import { z } from 'zod'
import { defineJob } from './define-job.ts'

/** Ended jobs are there to be looked at for so long. */
const keepDays = 30
const batchSize = 1000

/** Removes jobs that ended long ago, a thousand at a time. */
export const pruneJobs = defineJob({
  kind: 'jobs.prune',
  seenBy: 'admins',
  input: z.strictObject({}),
  everyMs: 6 * 3600 * 1000,
  async run({ write, progress }) {
    for (let removed = 0; ; ) {
      const { rows } = await write((trx) =>
        rawWrite(
          ['jobs', 'jobCheckpoints'],
          sql`
          delete from jobs where id in (
            select id from jobs where finished_at < now() - ${keepDays} * interval '1 day' limit ${batchSize})
          returning id`,
        ).execute(trx),
      )
      removed += rows.length
      progress(removed)
      if (rows.length < batchSize) return { removed }
    }
  },
})
