/**
 * A process that runs jobs of one kind and may be killed at any moment. Each adds a row to `effects`, which holds nothing to
 * keep a second one out. Argument: the database's URL, or the folder of an embedded one, which then is filled and watched from here too.
 */
import { setTimeout } from 'node:timers/promises'
import { type AnyJob, defineJob, enqueueAll, jobsChannel, openWorker } from '@extropy/api'
import { createTestDeps } from '@extropy/api/testing'
import { createDatabase, openNotifications, rawWrite } from '@extropy/db'
import { sql } from 'kysely'
import { z } from 'zod'
import { countJobs } from './count-jobs.ts'

const [url = '', fill = '0'] = process.argv.slice(2)

const job = defineJob({
  kind: 'test.effect',
  seenBy: 'admins',
  input: z.strictObject({ n: z.number() }),
  concurrency: { lanes: ({ n }) => ({ [`host:${n % 50}`]: 1 }) },
  retry: { runs: 50 },
  async run({ id, input, signal, writeOnce, checkpoint }) {
    await checkpoint('look', async () => input.n)
    await setTimeout(Math.random() * 20, undefined, { signal })
    await writeOnce('effect', (trx) =>
      rawWrite(['jobs'], sql`insert into effects (job_id) values (${id})`).execute(trx),
    )
    // Killed here, it comes again with its effect there already.
    await setTimeout(Math.random() * 20, undefined, { signal })
  },
})

const handle = await createDatabase({ url })
const deps = await createTestDeps(handle)
if (Number(fill) > 0)
  await enqueueAll(
    deps.db,
    job,
    Array.from({ length: Number(fill) }, (_, n) => ({ n })),
  )
const worker = openWorker(deps, {
  jobs: [job] as readonly AnyJob[],
  isHearing: () => true,
  isAlone: handle.kind === 'embedded',
})
await openNotifications(handle, { channel: jobsChannel, onNotification: worker.hear, url })
process.stdout.write('ready\n')
if (handle.kind === 'embedded') {
  for (;;) {
    await setTimeout(100)
    const counts = await countJobs(deps.db)
    process.stdout.write(`${JSON.stringify(counts)}\n`)
  }
}
