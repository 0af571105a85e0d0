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

test('contents that `pnpm ingest` stores beside a running server are soon in its answers', async () => {
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

test('users of `pnpm keys create` and rows of `pnpm db:generate` are soon in a running server’s answers', async () => {
  const empty = await createTestDatabase(template)
  const server = await startServer({ DATABASE_URL: empty.url, LOG_LEVEL: 'error' })
  onTestFinished(async () => {
    server.child.kill('SIGKILL')
    await empty.close()
  })
  const count = async (path: string) => {
    const response = await fetch(server.url + path)
    const { items } = (await response.json()) as { items: unknown[] }
    return { cache: response.headers.get('x-cache'), items: items.length }
  }
  const keptEmpty = async (path: string) => {
    await count(path)
    expect(await count(path)).toEqual({ cache: 'HIT', items: 0 })
  }
  await keptEmpty('/api/cards?limit=5')
  const generated = run('apps/server/src/cli/db-generate.ts', ['--cards', '50'], { DATABASE_URL: empty.url })
  expect(await generated.exit()).toBe(0)
  await expect.poll(async () => (await count('/api/cards?limit=5')).items, { timeout: 2000 }).toBe(5)
  await keptEmpty('/api/users?search=newcomer')
  const keys = run('apps/server/src/cli/keys.ts', ['create', '--user', 'newcomer'], { DATABASE_URL: empty.url })
  expect(await keys.exit()).toBe(0)
  await expect.poll(async () => (await count('/api/users?search=newcomer')).items, { timeout: 2000 }).toBe(1)
})
