/**
 * A process that runs research sessions on an embedded database, and kills itself as soon as one step's result is kept; it ends by itself
 * once no session is in progress. Arguments: the database's folder, and a file to which each step that really runs adds its name, and each
 * call of the language model its characters.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { appJobs, openWorker } from '@extropy/api'
import { createTestDeps } from '@extropy/api/testing'
import { createDatabase } from '@extropy/db'
import { createFakeWriter } from './fake-writer.ts'

const [folder = '', log = ''] = process.argv.slice(2)
const note = (line: object) => appendFileSync(log, `${JSON.stringify(line)}\n`)

const researchJob = appJobs.find(({ kind }) => kind === 'research.run')
if (researchJob === undefined) throw new Error('there is no kind research.run')
const handle = await createDatabase({ url: folder })
const deps = { ...(await createTestDeps(handle)), writer: createFakeWriter((characters) => note({ characters })) }

const job: typeof researchJob = {
  ...researchJob,
  run: (context) =>
    researchJob.run({
      ...context,
      async checkpoint(name, work) {
        let isNew = false
        const result = await context.checkpoint(name, async () => {
          isNew = true
          note({ step: name })
          return work()
        })
        if (isNew) process.kill(process.pid, 'SIGKILL')
        return result
      },
    }),
}
const worker = openWorker(deps, { jobs: [job], isAlone: true })
const inProgress = deps.db.selectFrom('researchSessions').select('id').where('status', '=', 'in_progress')
while ((await inProgress.execute()).length > 0) await setTimeout(20)
await worker.close()
await handle.close()
process.exit(0)
