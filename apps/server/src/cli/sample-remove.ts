import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { invalidating, removeSampleAccounts } from '@extropy/api'
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
  const deps = await openDeps(config)
  try {
    const users = await removeSampleAccounts(deps)
    const urls = await sampleUrls(config.SAMPLE_FILE ?? bundledSample)
    const { numDeletedRows } = await invalidating(deps, (db) =>
      db.deleteFrom('contents').where('sourceUrl', 'in', urls).executeTakeFirstOrThrow(),
    )
    process.stdout.write(`${numDeletedRows} contents and ${users} users removed.\n`)
  } finally {
    await deps.close()
  }
  return 0
})

async function sampleUrls(file: string): Promise<string[]> {
  const stream = createReadStream(file)
  const lines = createInterface({ input: file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream })
  const urls: string[] = []
  for await (const line of lines) if (line !== '') urls.push((JSON.parse(line) as { source_url: string }).source_url)
  return urls
}
