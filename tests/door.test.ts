import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestFolder } from '@extropy/db/testing'
import { run, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

/*
 * The embedded database belongs to one process. While that is a server, commands of its user go by way of it, without a key.
 */

let folder: string
let env: { readonly DATABASE_URL: string; readonly LOG_LEVEL: string }
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-door-'))
  env = { DATABASE_URL: await createTestFolder(join(folder, 'data')), LOG_LEVEL: 'error' }
  server = await startServer(env)
})
afterAll(async () => {
  server.child.kill('SIGKILL')
  await server.exit()
  await rm(folder, { recursive: true, force: true })
})

const command = async (name: string, ...args: readonly string[]) => {
  const started = run(`apps/server/src/cli/${name}.ts`, args, env)
  return { status: await started.exit(), output: started.output() }
}

const users = async () => {
  const { items } = (await (await fetch(`${server.url}/api/users`)).json()) as { items: { username: string }[] }
  return items.map(({ username }) => username)
}

test('a server makes nobody up before a command asks it', async () => {
  expect(await users()).toEqual([])
})

test('keys are made, listed, rotated and revoked beside the running server', async () => {
  const made = await command('keys', 'create', '--user', 'ada', '--name', 'First', '--scope', 'read')
  expect(made).toMatchObject({ status: 0, output: expect.stringContaining('New user ada') })
  const [key = ''] = /extro_live_[\w-]{64}/.exec(made.output) ?? []
  const statusOf = async (given: string) =>
    (await fetch(`${server.url}/api/keys`, { headers: { authorization: `Bearer ${given}` } })).status
  expect(await statusOf(key)).toBe(200)
  const listed = await command('keys', 'list', '--user', 'ada')
  const [, prefix = ''] = /^(extro_live_\S+) +ada +First +read +1000 +works/m.exec(listed.output) ?? []
  expect(key.startsWith(prefix) && prefix !== '').toBe(true)
  const rotated = await command('keys', 'rotate', prefix, '--user', 'ada', '--overlap', '60')
  expect(rotated.output).toContain('works for 60 seconds more')
  expect((await command('keys', 'revoke', prefix)).output).toContain('needs --user')
  expect((await command('keys', 'revoke', prefix, '--user', 'ada')).output).toBe(`Revoked: ${prefix}, "First".\n`)
  expect(await statusOf(key)).toBe(401)
  expect((await users()).toSorted()).toEqual(['ada', 'local'])
})

test('contents go in beside the running server; what is not valid is told as ever', async () => {
  const file = join(folder, 'posts.jsonl')
  const post = { source_url: 'https://example.org/a', author: 'Ana', title: 'Beside', body: 'Words.', more: 1 }
  const lines = [post, { ...post, source_url: 'https://example.org/b', metrics: { likes: 3 } }, { title: 'No address' }]
  await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'))
  const ingested = await command('ingest', file, '--rejects', join(folder, 'rejects.jsonl'))
  expect(ingested.status).toBe(1)
  expect(ingested.output).toContain('posts.jsonl, line 3: source_url: is required')
  expect(ingested.output).toContain('2 contents stored')
  const { items } = (await (await fetch(`${server.url}/api/contents`)).json()) as { items: { sourceUrl: string }[] }
  expect(items.map(({ sourceUrl }) => sourceUrl).toSorted()).toEqual(['https://example.org/a', 'https://example.org/b'])
  expect((await command('ask', 'what is beside')).output).not.toContain('No server answers')
})

test('the key of the door opens nothing for callers from elsewhere, whom a proxy names', async () => {
  const { key } = JSON.parse(await readFile(join(env.DATABASE_URL, 'door'), 'utf8')) as { key: string }
  const statusOf = (headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const asked = { headers: { authorization: `Bearer ${key}`, ...headers } }
      request(`${server.url}/api/jobs`, asked, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end()
    })
  expect(await statusOf({})).toBe(200)
  expect(await statusOf({ 'x-forwarded-for': '203.0.113.9' })).toBe(401)
  expect(await statusOf({ forwarded: 'for=203.0.113.9' })).toBe(401)
  expect(await statusOf({ authorization: `Bearer ${key.slice(0, -1)}_` })).toBe(401)
})
