import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { deleteContents, invalidating, removeSampleAccounts } from '@extropy/api'
import { parseConfig } from '../config.ts'
import { openDeps } from '../open-deps.ts'
import { bundledSample } from '../sample.ts'
import { runCommand } from './run-command.ts'

const usage = `usage: pnpm sample:remove

Takes the sample out of the database of DATABASE_URL: the bundled posts, and the made-up users with their cards. Movements of
tokens stay in the ledger, without a name. The embedded database belongs to one process: stop the server first.
`

await runCommand({ usage }, async () => {
  const config = parseConfig(process.env)
  const urls = await sampleUrls(config.SAMPLE_FILE ?? bundledSample)
  const deps = await openDeps(config)
  try {
    const contents = await invalidating(deps, (db) => deleteContents(db, urls))
    const users = await removeSampleAccounts(deps)
    process.stdout.write(`${contents} contents and ${users} users removed.\n`)
  } finally {
    await deps.close()
  }
  return 0
})

async function sampleUrls(file: string): Promise<string[]> {
  const bytes = await readFile(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  // By line feeds alone: a post may have other line ends in it.
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { source_url: string }).source_url)
}
