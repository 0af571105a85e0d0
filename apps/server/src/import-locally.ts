import { setTimeout } from 'node:timers/promises'
import { enqueue, getJob, type ImportReport, isEnded, localImportJob, openWorker } from '@extropy/api'
import { migrate } from '@extropy/db'
import { parseConfig } from './config.ts'
import { embedStored } from './embed-stored.ts'
import { openDeps } from './open-deps.ts'
import { createStepBar } from './progress-bar.ts'

export interface ImportOptions {
  readonly follow: boolean
  readonly includePrivate: boolean
  readonly author?: string
  readonly siteUrl?: string
  readonly out: NodeJS.WriteStream
}

export interface ImportOutcome {
  readonly path: string
  /** Null where it failed. */
  readonly report: ImportReport | null
  readonly error: string | null
}

const lookEveryMs = 200

/** Imports files of this machine in this process, as jobs: called again after it was killed, it goes on where it was. */
export async function importLocally(
  paths: readonly string[],
  { out, ...given }: ImportOptions,
): Promise<readonly ImportOutcome[]> {
  const deps = await openDeps(parseConfig(process.env))
  const worker = openWorker(deps, { jobs: [localImportJob], isAlone: deps.database.kind === 'embedded' })
  const outcomes: ImportOutcome[] = []
  try {
    for (const path of paths) {
      const { id } = await enqueue(deps.db, localImportJob, { path, ...given })
      worker.hear('')
      const bar = createStepBar(path, out)
      for (;;) {
        const job = await getJob(deps.db, { id })
        if (isEnded(job)) {
          outcomes.push({ path, report: job.result as ImportReport | null, error: job.error })
          bar.finish()
          break
        }
        bar.update(job.progress)
        await setTimeout(lookEveryMs)
      }
    }
    await embedStored(deps, out)
    await migrate(deps.database)
  } finally {
    await worker.close()
    await deps.close()
  }
  return outcomes
}
