import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase } from '@extropy/db'
import { createKey, run, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

const posts = 6000

/** These tests are about what is stored. */
const model = createServer((request, response) => {
  request.resume()
  response.writeHead(503).end()
})

let folder: string
let archive: string
beforeAll(async () => {
  model.listen(0, '127.0.0.1')
  await once(model, 'listening')
  folder = await mkdtemp(join(tmpdir(), 'extropy-import-kill-'))
  archive = join(folder, 'posts')
  await mkdir(archive)
  const line = (n: number) =>
    JSON.stringify({
      source_url: `https://example.org/${n}`,
      author: 'Ana',
      title: `${n}`,
      body: `Post ${n}. `.repeat(40),
    })
  const lines = Array.from({ length: posts }, (_, n) => line(n))
  await writeFile(join(archive, 'posts.jsonl'), lines.join('\n'))
  await writeFile(join(archive, 'note.md'), '# A note\n\nOn moss.')
})
afterAll(async () => {
  model.close()
  await rm(folder, { recursive: true })
})

const settings = (database: string) => ({
  DATABASE_URL: database,
  LOG_LEVEL: 'error',
  EMBEDDING_PROVIDER: 'openai-compatible',
  EMBEDDING_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
  EMBEDDING_MODEL: 'm',
  EMBEDDING_DIMENSION: '3',
})

async function inspect(database: string) {
  const { db, close } = await createDatabase({ url: database })
  const contents = await db.selectFrom('contents').select('sourceUrl').execute()
  const jobs = await db.selectFrom('jobs').selectAll().where('kind', 'like', 'imports.%').execute()
  await close()
  const [job] = jobs.filter(({ kind }) => kind !== 'imports.prune')
  return { contents: contents.length, job, log: (job?.log ?? []).map(({ text }) => text) }
}

test('a server that is killed in the middle of an import goes on with it; `pnpm run import` waits for that', async () => {
  const database = join(folder, 'served')
  const env = settings(database)
  const key = await createKey(env)
  const server = await startServer(env)
  onTestFinished(() => void server.child.kill('SIGKILL'))
  const headers = { authorization: `Bearer ${key}` }
  const imports = run('apps/server/src/cli/import.ts', [archive], { EXTROPY_URL: server.url, EXTROPY_KEY: key })
  const isHalfDone = async () => {
    const answer = await fetch(`${server.url}/api/imports`, { headers })
    const { items } = (await answer.json()) as { items: { progress: { done: number } | null; finishedAt: null }[] }
    expect(items[0]?.finishedAt ?? null).toBeNull()
    return items[0]?.progress?.done ?? 0
  }
  await expect.poll(isHalfDone, { timeout: 60_000, interval: 50 }).toBeGreaterThan(500)
  server.child.kill('SIGKILL')
  await server.exit()
  const killed = await inspect(database)
  expect(killed.contents).toBeLessThan(posts)
  const next = await startServer({ ...env, PORT: new URL(server.url).port })
  onTestFinished(() => void next.child.kill('SIGKILL'))
  expect(await imports.exit()).toBe(0)
  expect(imports.output()).toMatch(/posts: \d+ new, 0 changed, \d+ unchanged/)
  next.child.kill('SIGKILL')
  await next.exit()
  const { contents, job, log } = await inspect(database)
  expect(contents).toBe(posts + 1)
  expect(job).toMatchObject({ status: 'succeeded', result: { rejected: 0, changed: 0 } })
  const { new: created, unchanged } = (job?.result ?? {}) as { new: number; unchanged: number }
  expect(created + unchanged).toBe(posts + 1)
  // At most the batch in hand was looked at twice.
  expect(unchanged).toBeLessThanOrEqual(128)
  expect(log.some((line) => /^going on behind [1-9]\d* of 6001/.test(line))).toBe(true)
  expect(await readdir(`${database}-imports`)).toEqual([])
}, 180_000)

test('the command itself, killed with the database that it has open, goes on where it was', async () => {
  const database = join(folder, 'own')
  const first = run('apps/server/src/cli/import.ts', [archive], settings(database))
  await first.waitFor(/posts [1-9]\d* of|posts [█░]+ +[1-9]/)
  first.child.kill('SIGKILL')
  await first.exit()
  const killed = await inspect(database)
  expect(killed.contents).toBeGreaterThan(0)
  expect(killed.contents).toBeLessThan(posts)
  const second = run('apps/server/src/cli/import.ts', [archive], settings(database))
  await second.exit()
  const { contents, job } = await inspect(database)
  expect([contents, job?.status, job?.attempt]).toEqual([posts + 1, 'succeeded', 2])
}, 180_000)
