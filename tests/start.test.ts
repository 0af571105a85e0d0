import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createClient, isExtropyError } from '@extropy/client'
import { createTestFolder } from '@extropy/db/testing'
import { run, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-start-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a first start loads the sample and answers; a second one loads nothing twice', async () => {
  const SAMPLE_FILE = join(folder, 'some.jsonl')
  await writeFile(SAMPLE_FILE, await someOfTheSample())
  // Not made before: a newcomer's first start makes it.
  const env = { DATABASE_URL: join(folder, 'data'), LOAD_SAMPLE: 'auto', SAMPLE_FILE }
  const first = await startServer(env)
  expect(first.output()).toMatch(/Loading the sample: 13 contents stored \(\d+ passages\) in/)
  const extropy = createClient({ url: first.url })
  const answer = await extropy.query.rag.query({
    prompt: 'why did async closures take so long to stabilise',
    nResults: 3,
  })
  expect(answer.results[0]?.content.title).toContain('Async Closures')
  const long = await extropy.query.rag.query({ prompt: '日'.repeat(1900) })
  expect(long.count).toBe(0)
  const error = await extropy.contents.byId.query({ id: 'x' }).catch((caught: unknown) => caught)
  expect(isExtropyError(error) && error.data).toMatchObject({
    code: 'BAD_REQUEST',
    reason: 'invalid_input',
    issues: [{ field: 'id' }],
  })
  first.child.kill('SIGTERM')
  expect(await first.exit()).toBe(0)

  const second = await startServer(env)
  expect(second.output()).not.toContain('Loading')
  const again = await createClient({ url: second.url }).query.rag.query({ prompt: answer.query, nResults: 3 })
  expect(again).toEqual(answer)
  // No list that a newcomer looks at is empty.
  const { items: cards } = await createClient({ url: second.url }).cards.list.query({ limit: 100 })
  expect(cards.length).toBeGreaterThan(10)
  second.child.kill('SIGINT')
  expect(await second.exit()).toBe(0)

  const removal = run('apps/server/src/cli/sample-remove.ts', [], env)
  expect(await removal.exit()).toBe(0)
  expect(removal.output()).toContain('13 contents and 12 users removed.')
})

/** Twelve posts of the bundled ones, and the one that answers the question. The whole file is read in sample.test.ts. */
async function someOfTheSample(): Promise<string> {
  const file = new URL('../apps/server/sample/posts.jsonl.gz', import.meta.url)
  const lines = gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split('\n')
  return [...lines.slice(0, 12), lines.find((line) => /"title":\s*"[^"]*Async Closures/.test(line))].join('\n')
}

test('the sample is not loaded into a database that was filled before', async () => {
  const DATABASE_URL = `file://${await createTestFolder(join(folder, 'own'))}`
  const file = join(folder, 'own.jsonl')
  const post = { platform: 'web', source_url: 'https://example.org/', author: 'A', title: 'Own', body: 'My own words.' }
  await writeFile(file, JSON.stringify(post))
  expect(await run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL }).exit()).toBe(0)
  const server = await startServer({ DATABASE_URL, LOAD_SAMPLE: 'auto' })
  expect((await createClient({ url: server.url }).contents.list.query()).items.map(({ title }) => title)).toEqual([
    'Own',
  ])
  server.child.kill('SIGTERM')
  expect(await server.exit()).toBe(0)
})

test('a database that is down at start gives one clear message without the password, and status 1', async () => {
  const server = run('apps/server/src/main.ts', [], { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/extropy' })
  expect(await server.exit()).toBe(1)
  expect(server.output()).toMatch(
    /^The database at postgres:\/\/127\.0\.0\.1:1\/extropy cannot be reached: .*ECONNREFUSED/,
  )
  expect(server.output()).not.toMatch(/hunter2|\n\s+at /)
})

test('a wrong configuration lists every problem, and ends with status 1', async () => {
  const server = run('apps/server/src/main.ts', [], { PORT: 'x', LOG_LEVEL: 'loud' })
  expect(await server.exit()).toBe(1)
  expect(server.output()).toMatch(/2 problems:\n {2}PORT .*\n {2}LOG_LEVEL /)
})

test('a port that is taken gives a clear message and status 1, before a database is opened', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const server = run('apps/server/src/main.ts', [], { DATABASE_URL: 'memory:', PORT: String(port) })
  expect(await server.exit()).toBe(1)
  expect(server.output()).toMatch(/^Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.* Set PORT/)
  taken.close()
})
