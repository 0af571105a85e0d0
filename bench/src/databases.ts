import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTemplate, createTestDatabase, removeTemplate } from '@extropy/db/testing'

/** Runs `body` once per kind of database, each time on an empty one; says which kind was left out, and why. */
export async function eachDatabase(body: (name: string, url: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-bench-'))
  try {
    await body('PGlite', join(folder, 'data'))
  } finally {
    await rm(folder, { recursive: true })
  }
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) {
    process.stdout.write('Left out: PostgreSQL (set TEST_DATABASE_URL).\n')
    return
  }
  const template = await createTemplate(serverUrl)
  const database = await createTestDatabase(template)
  try {
    await body('PostgreSQL', database.url)
  } finally {
    await database.close()
    await removeTemplate(template)
  }
}
