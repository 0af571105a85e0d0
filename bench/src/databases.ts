import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTemplate, createTestDatabase, removeTemplate, type TestDatabase } from '@extropy/db/testing'
import { skip } from './results.ts'
import { onStop } from './stop.ts'

/** Runs `body` on a new, migrated database of the server, which is dropped afterwards, also after Ctrl-C. */
export async function withServerDatabase(
  serverUrl: string,
  body: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  const template = await createTemplate(serverUrl)
  const database = await createTestDatabase(template)
  const remove = async () => {
    await database.close()
    await removeTemplate(template)
  }
  const removed = onStop(remove)
  try {
    await body(database)
  } finally {
    removed()
    await remove()
  }
}

/** A folder for an embedded database, removed afterwards, also after Ctrl-C. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-bench-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const removed = onStop(remove)
  try {
    await body(folder)
  } finally {
    removed()
    await remove()
  }
}

/** Runs `body` once per kind of database, each time on an empty one; says which kind was left out, and why. */
export async function eachDatabase(body: (name: string, url: string) => Promise<void>): Promise<void> {
  await withFolder((folder) => body('PGlite', join(folder, 'data')))
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) return skip('PostgreSQL', 'set TEST_DATABASE_URL')
  await withServerDatabase(serverUrl, ({ url }) => body('PostgreSQL', url))
}
