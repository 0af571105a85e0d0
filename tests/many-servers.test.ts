import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { createKey, run, startServer } from '@extropy/server/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { redisProgram, startOwnRedis } from './own-redis.ts'
import { createWire, type Wire } from './wire.ts'

const redis = new URL(process.env.TEST_REDIS_URL as string)

let template: Template
let database: TestDatabase
let key: string
let userId: string
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
})
beforeEach(async () => {
  database = await createTestDatabase(template)
  key = await createKey({ DATABASE_URL: database.url }, '--scope', 'admin')
  userId = (await database.db.selectFrom('users').select('id').executeTakeFirstOrThrow()).id
})
afterAll(() => removeTemplate(template))

/** A server of the test's own, ended with it. The database goes after its servers. */
async function serve(env: Record<string, string>) {
  const server = await startServer({ DATABASE_URL: database.url, LOG_LEVEL: 'warn', ...env })
  onTestFinished(async () => {
    server.child.kill('SIGKILL')
    await server.exit()
  })
  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const read = async (path: string) => {
    const response = await fetch(server.url + path)
    return { cache: response.headers.get('x-cache'), text: await response.text() }
  }
  return { ...server, send, read }
}

/** Two servers on one Redis; the first reaches it by a wire of its own. */
async function serveTwo(): Promise<{
  a: Awaited<ReturnType<typeof serve>>
  b: Awaited<ReturnType<typeof serve>>
  wire: Wire
}> {
  const wire = await createWire(redis)
  const [a, b] = await Promise.all([serve({ REDIS_URL: wire.url.href }), serve({ REDIS_URL: redis.href })])
  return { a, b, wire }
}

async function keepHot({ read }: { read: (path: string) => Promise<{ cache: string | null }> }, path: string) {
  await expect.poll(async () => (await read(path)).cache, { timeout: 10_000 }).toBe('HIT')
}

test('after a server was killed between its commit and its invalidation, a retry on another server purges the old state', async () => {
  const { a, b, wire } = await serveTwo()
  const list = `/api/cards?userId=${userId}`
  await keepHot(b, list)
  wire.freeze()
  const publish = (server: typeof a) =>
    server.send(
      'POST',
      '/api/cards',
      { cards: [{ title: 'Told twice', body: 'Words.', privacyLevel: 'IDEAS' }] },
      { 'idempotency-key': 'once' },
    )
  const lost = publish(a).catch(() => undefined)
  await expect.poll(async () => (await database.db.selectFrom('cards').select('id').execute()).length).toBe(1)
  a.child.kill('SIGKILL')
  expect((await publish(b)).status).toBe(200)
  expect((await b.read(list)).text).toContain('Told twice')
  await lost
})

test('no server shows the old state for longer than it takes to see that the killed server is gone', async () => {
  const { a, b, wire } = await serveTwo()
  const profile = `/api/users/${userId}`
  await keepHot(b, profile)
  wire.freeze()
  const lost = a.send('PATCH', profile, { bio: 'Never told' }).catch(() => undefined)
  await expect
    .poll(async () => (await database.db.selectFrom('users').select('bio').executeTakeFirstOrThrow()).bio)
    .toBe('Never told')
  a.child.kill('SIGKILL')
  await expect.poll(async () => (await b.read(profile)).text, { timeout: 2000 }).toContain('Never told')
  await lost
})

test('a server that stops in order does not clear the others’ caches', async () => {
  const { a, b } = await serveTwo()
  await keepHot(b, '/api/cards')
  a.child.kill('SIGTERM')
  expect(await a.exit()).toBe(0)
  await sleep(1200)
  expect((await b.read('/api/cards')).cache).toBe('HIT')
})

test('a write on a server that is cut off from Redis is in the others’ answers before it is answered', async () => {
  const { a, b, wire } = await serveTwo()
  const profile = `/api/users/${userId}`
  await keepHot(b, profile)
  await wire.cut()
  for (let round = 0; round < 20; round++) {
    const bio = `In round ${round}`
    await keepHot(b, profile)
    expect((await a.send('PATCH', profile, { bio })).status).toBe(200)
    expect((await b.read(profile)).text).toContain(bio)
    expect((await a.read(profile)).text).toContain(bio)
  }
})

test('while no server reaches Redis, none shows an old state', async () => {
  const wire = await createWire(redis)
  const [a, b] = await Promise.all([serve({ REDIS_URL: wire.url.href }), serve({ REDIS_URL: wire.url.href })])
  const profile = `/api/users/${userId}`
  await keepHot(b, profile)
  await wire.cut()
  for (let round = 0; round < 20; round++) {
    const bio = `In round ${round}`
    expect((await a.send('PATCH', profile, { bio })).status).toBe(200)
    expect((await b.read(profile)).text).toContain(bio)
  }
  await wire.mend()
  await keepHot(b, profile)
  await wire.cut()
})

/** Who writes, and who has kept the old state, in turns. */
async function expectExact(
  servers: readonly [Awaited<ReturnType<typeof serve>>, Awaited<ReturnType<typeof serve>>],
  rounds = 20,
) {
  const [a, b] = servers
  const profile = `/api/users/${userId}`
  for (let round = 0; round < rounds; round++) {
    const [writer, reader] = round % 2 === 0 ? [a, b] : [b, a]
    await keepHot(reader, profile)
    const bio = `In round ${round} of ${rounds}`
    expect((await writer.send('PATCH', profile, { bio })).status).toBe(200)
    expect((await reader.read(profile)).text).toContain(bio)
  }
}

test('a server with Redis and one without show no old state, and both say so once', async () => {
  const [a, b] = await Promise.all([serve({ REDIS_URL: redis.href }), serve({})])
  await expectExact([a, b])
  for (const { output } of [a, b]) {
    await expect.poll(output, { timeout: 20_000 }).toContain('another process on this database has another Redis')
  }
  await sleep(1500)
  for (const { output } of [a, b]) expect(output().split('has another Redis')).toHaveLength(2)
})

test('a server with Redis that comes to one without, and goes, leaves no old state', async () => {
  const a = await serve({})
  await keepHot(a, `/api/users/${userId}`)
  const b = await serve({ REDIS_URL: redis.href })
  await expectExact([a, b], 4)
  b.child.kill('SIGTERM')
  await b.exit()
  const profile = `/api/users/${userId}`
  expect((await a.send('PATCH', profile, { bio: 'While it was away' })).status).toBe(200)
  const again = await serve({ REDIS_URL: redis.href })
  expect((await again.read(profile)).text).toContain('While it was away')
  await expectExact([a, again], 4)
})

test.skipIf(redisProgram === undefined)(
  'two servers that have each a Redis of its own show no old state, whichever is emptied',
  async () => {
    const own = await Promise.all([1, 2].map(() => startOwnRedis('--save', '', '--appendonly', 'no')))
    for (const { kill } of own) onTestFinished(kill)
    const [a, b] = await Promise.all(own.map(({ url }) => serve({ REDIS_URL: url.href })))
    if (a === undefined || b === undefined) throw new Error('Two were started')
    await expectExact([a, b])
    expect(await own[0]?.command('FLUSHALL')).toBe('+OK')
    await expectExact([a, b])
  },
)

test('two databases on one Redis show their own rows', async () => {
  const other = await createTestDatabase(template)
  onTestFinished(() => other.close())
  const one = await serve({ REDIS_URL: redis.href })
  const two = await serve({ DATABASE_URL: other.url, REDIS_URL: redis.href })
  await keepHot(one, `/api/users/${userId}`)
  expect((await two.read(`/api/users/${userId}`)).text).toContain('not_found')
})

test('two servers without Redis tell each other through PostgreSQL', async () => {
  const [a, b] = await Promise.all([serve({}), serve({})])
  const profile = `/api/users/${userId}`
  for (let round = 0; round < 20; round++) {
    const [writer, reader] = round % 2 === 0 ? [a, b] : [b, a]
    await keepHot(reader, profile)
    const bio = `In round ${round}`
    expect((await writer.send('PATCH', profile, { bio })).status).toBe(200)
    expect((await reader.read(profile)).text).toContain(bio)
  }
})

test('two servers without Redis let exactly the limit through, though the first has counted alone until the second came', async () => {
  const limited = await createKey({ DATABASE_URL: database.url }, '--user', 'lim', '--rate-limit', '30')
  const a = await serve({})
  const ask = ({ url }: typeof a) =>
    fetch(`${url}/api/cards`, { headers: { authorization: `Bearer ${limited}` } }).then(({ status }) => status)
  const isCountedHere = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from rate_limits`.execute(database.db)
    return rows[0]?.n === 0
  }
  expect(await ask(a)).toBe(200)
  await expect.poll(isCountedHere).toBe(true)
  for (let n = 0; n < 9; n++) expect(await ask(a)).toBe(200)
  const b = await serve({})
  let through = 0
  const askBoth = async (times: number) => {
    const statuses = await Promise.all(Array.from({ length: 2 * times }, (_, n) => ask(n % 2 ? a : b)))
    through += statuses.filter((status) => status === 200).length
    return through
  }
  expect(await askBoth(30)).toBeGreaterThan(15)
  // What one server was granted ahead and did not spend comes back within seconds.
  await expect.poll(() => askBoth(1)).toBe(20)
  await sleep(1500)
  expect(await askBoth(10)).toBe(20)
})

test('a notification that is none of ours empties the caches, and ends no server', async () => {
  const server = await serve({})
  await keepHot(server, '/api/cards')
  await sql`select pg_notify('extropy_tags', 'nonsense')`.execute(database.db)
  await expect.poll(async () => (await server.read('/api/cards')).cache).toBe('MISS')
  await keepHot(server, '/api/cards')
})

if (process.env.TEST_PGBOUNCER_URL) {
  const pooled = () => {
    const url = new URL(database.url)
    url.host = new URL(process.env.TEST_PGBOUNCER_URL as string).host
    return { DATABASE_URL: url.href, DATABASE_BEHIND_POOLER: 'true', MIGRATE_ON_START: 'off' }
  }

  test('a server behind a pooler keeps no answer, and its log names the setting to set', async () => {
    const server = await serve(pooled())
    for (let n = 0; n < 3; n++) expect((await server.read('/api/contents')).cache).not.toBe('HIT')
    await expect.poll(server.output).toMatch(/no answer is kept.*|.*set DATABASE_DIRECT_URL/)
  })

  test("a server behind a pooler with the database server's own address hears of other programs' writes", async () => {
    const server = await serve({ ...pooled(), DATABASE_DIRECT_URL: database.url })
    await keepHot(server, '/api/contents')
    const folder = await mkdtemp(join(tmpdir(), 'extropy-pooled-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'posts.jsonl')
    const post = {
      platform: 'web',
      source_url: 'https://example.org/a',
      author: 'Ana',
      title: 'Beside',
      body: 'Words.',
    }
    await writeFile(file, JSON.stringify(post))
    const ingest = run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL: database.url })
    expect(await ingest.exit()).toBe(0)
    await expect.poll(async () => (await server.read('/api/contents')).text, { timeout: 2000 }).toContain('Beside')
  })

  test('a server does not listen at an address that leads to another database', async () => {
    const other = await createTestDatabase(template)
    onTestFinished(() => other.close())
    const server = await serve({ ...pooled(), DATABASE_DIRECT_URL: other.url })
    for (let n = 0; n < 3; n++) expect((await server.read('/api/contents')).cache).not.toBe('HIT')
    await expect.poll(server.output).toContain('lead to different databases')
  })
}
