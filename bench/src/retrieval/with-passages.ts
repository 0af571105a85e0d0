import { type OpenDeps, openDeps, parseConfig } from '@extropy/server/deps'
import { withServerDatabase } from '../databases.ts'
import { skip } from '../results.ts'
import { fillPassages, type ManyPassages } from './many-passages.ts'

/**
 * Runs `body` on a PostgreSQL database with so many passages: the one that `url` names, which stays, or a new one on
 * TEST_DATABASE_URL's server, which goes.
 */
export async function withPassages(
  count: number,
  url: unknown,
  body: (deps: OpenDeps, passages: ManyPassages) => Promise<void>,
): Promise<void> {
  const run = async (DATABASE_URL: string) => {
    const deps = await openDeps(parseConfig({ ...process.env, DATABASE_URL }))
    try {
      await body(deps, await fillPassages(deps, count))
    } finally {
      await deps.close()
    }
  }
  if (typeof url === 'string') return run(url)
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) return skip(`${count} passages`, 'needs PostgreSQL: set TEST_DATABASE_URL')
  await withServerDatabase(serverUrl, (database) => run(database.url))
}
