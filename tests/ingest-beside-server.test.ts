import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { run, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let template: Template
let database: TestDatabase
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
  database = await createTestDatabase(template)
})
afterAll(async () => {
  await database.close()
  await removeTemplate(template)
})

test('what `pnpm ingest` stores beside a running server is soon in its answers', async () => {
  const server = await startServer({ DATABASE_URL: database.url, LOG_LEVEL: 'error' })
  onTestFinished(() => void server.child.kill('SIGKILL'))
  const titles = async () => {
    const response = await fetch(`${server.url}/api/contents`)
    const { items } = (await response.json()) as { items: { title: string }[] }
    return { cache: response.headers.get('x-cache'), titles: items.map(({ title }) => title) }
  }
  await titles()
  expect(await titles()).toEqual({ cache: 'HIT', titles: [] })
  const folder = await mkdtemp(join(tmpdir(), 'extropy-beside-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'posts.jsonl')
  const post = { platform: 'web', source_url: 'https://example.org/a', author: 'Ana', title: 'Beside', body: 'Words.' }
  await writeFile(file, JSON.stringify(post))
  const ingest = run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL: database.url })
  expect(await ingest.exit()).toBe(0)
  await expect.poll(async () => (await titles()).titles, { timeout: 2000 }).toEqual(['Beside'])
})
