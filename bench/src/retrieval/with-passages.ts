import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'
import { type OpenDeps, openDeps, parseConfig } from '@extropy/server/deps'
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
  if (!serverUrl) {
    process.stdout.write('Left out: needs PostgreSQL (set TEST_DATABASE_URL).\n')
    return
  }
  const template = await createTemplate(serverUrl)
  const database = await createTestDatabase(template)
  try {
    await run(database.url)
  } finally {
    await database.close()
    await removeTemplate(template)
  }
}
