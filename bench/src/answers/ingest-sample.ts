import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Deps, ingest, readLines } from '@extropy/api'
import { type DatabaseHandle, migrate } from '@extropy/db'
import { recordData } from '../results.ts'

const sample = fileURLToPath(new URL('../../../apps/server/sample/posts.jsonl.gz', import.meta.url))

/** The posts that come with the server. */
export async function ingestSample(deps: Deps & { readonly database: DatabaseHandle }): Promise<void> {
  const report = await ingest(deps, readLines(createReadStream(sample)), {
    onReject: ({ line, field, reason }) => {
      throw new Error(`${sample}, line ${line.number}: ${field} ${reason}`)
    },
  })
  await migrate(deps.database)
  recordData(`the bundled sample: ${report.stored} posts, ${report.passages} passages`)
}
