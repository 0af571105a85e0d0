import { spawnSync } from 'node:child_process'
import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import {
  createTemplate,
  createTestDatabase,
  freePort,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { createKey, run, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const waitMs = 60_000

interface Answer {
  /** 0: the connection broke. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** A connection of its own, which one worker has for as long as it lives. */
interface Line {
  readonly agent: Agent
  /** The beginning of its request ids. */
  readonly worker: string
}

let template: Template
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
})
afterAll(() => removeTemplate(template))

function ask(
  base: string,
  agent: Agent,
  path: string,
  { method = 'GET', key, body }: { method?: string; key?: string | undefined; body?: unknown } = {},
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const broken = () => resolve({ status: 0, headers: {}, text: '' })
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  request(base + path, { method, agent, headers }, (answer) => {
    let text = ''
    answer.setEncoding('utf8')
    answer.on('data', (chunk) => {
      text += chunk
    })
    answer
      .on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      .on('error', broken)
  })
    .on('error', broken)
    .end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}

const workerOf = ({ headers }: Answer) => String(headers['x-request-id']).split('-')[0] ?? ''

/** Connections until two workers have one. */
async function openLines(base: string): Promise<[Line, Line]> {
  const lines = new Map<string, Line>()
  for (let n = 0; n < 100 && lines.size < 2; n++) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const answer = await ask(base, agent, '/health/live')
    const worker = workerOf(answer)
    if (answer.status !== 200 || lines.has(worker)) agent.destroy()
    else lines.set(worker, { agent, worker })
  }
  expect(lines.size).toBe(2)
  return [...lines.values()] as [Line, Line]
}

/** Callers who each ask again as soon as they are answered; the statuses of all answers. */
function underLoad(base: string, path: string, callers: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const statuses = new Map<number, number>()
  let isOver = false
  const call = async () => {
    while (!isOver) {
      const { status } = await ask(base, agent, path)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const calling = Promise.all(Array.from({ length: callers }, call))
  return {
    statuses,
    answered: () => [...statuses.values()].reduce((sum, count) => sum + count, 0),
    async stop() {
      isOver = true
      await calling
      agent.destroy()
    },
  }
}

const childrenOf = (pid: number | undefined) =>
  (spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout.match(/\d+/g) ?? []).map(Number)

describe.each([
  ['without Redis', {} as Record<string, string>],
  ['with Redis', { REDIS_URL: process.env.TEST_REDIS_URL as string }],
])('a server of two workers %s', (_, redis) => {
  let database: TestDatabase
  let server: Awaited<ReturnType<typeof startServer>>
  let key: string
  let profile: string
  let lines: [Line, Line]
  beforeAll(async () => {
    database = await createTestDatabase(template)
    key = await createKey({ DATABASE_URL: database.url }, '--scope', 'admin', '--rate-limit', '1000000')
    const { id } = await database.db.selectFrom('users').select('id').executeTakeFirstOrThrow()
    profile = `/api/users/${id}`
    server = await startServer({
      DATABASE_URL: database.url,
      WORKERS: '2',
      LOG_LEVEL: 'warn',
      RATE_LIMIT_ANONYMOUS_PER_HOUR: '100000000',
      ...redis,
    })
    lines = await openLines(server.url)
  }, 120_000)
  afterAll(async () => {
    server.child.kill('SIGKILL')
    await server.exit()
    await database.close()
  })

  const on = ({ agent }: Line, path: string, options: Parameters<typeof ask>[3] = {}) =>
    ask(server.url, agent, path, options)
  const write = (line: Line, bio: string) => on(line, profile, { method: 'PATCH', key, body: { bio } })
  const becomesHot = async (line: Line) => {
    for (;;) if ((await on(line, profile)).headers['x-cache'] === 'HIT') return
  }
  const figure = async (line: Line, name: string) => {
    const { text } = await on(line, '/metrics')
    const series = text.split('\n').filter((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`))
    return series.reduce((sum, each) => sum + Number(each.split(' ').at(-1)), 0)
  }

  test('shows each write in every later answer of the other worker, which answers from its memory', async () => {
    const [one, other] = lines
    for (let round = 0; round < 60; round++) {
      const [writer, reader] = round % 2 === 0 ? [one, other] : [other, one]
      await becomesHot(reader)
      const bio = `In round ${round}`
      expect((await write(writer, bio)).status).toBe(200)
      const [read, own] = await Promise.all([on(reader, profile), on(writer, profile)])
      expect([JSON.parse(read.text).bio, JSON.parse(own.text).bio]).toEqual([bio, bio])
      expect([workerOf(read), workerOf(own)]).toEqual([reader.worker, writer.worker])
    }
  })

  test('refuses a revoked key everywhere as soon as the revocation is answered', async () => {
    const [one, other] = lines
    for (let round = 0; round < 5; round++) {
      const made = await on(one, '/api/keys', { method: 'POST', key, body: { name: 'short', scopes: ['read'] } })
      const { id, key: short } = JSON.parse(made.text)
      for (const line of lines) expect((await on(line, '/api/cards', { key: short })).status).toBe(200)
      expect((await on(other, `/api/keys/${id}`, { method: 'DELETE', key })).status).toBe(200)
      const answers = await Promise.all(lines.map((line) => on(line, '/api/cards', { key: short })))
      expect(answers.map(({ status }) => status)).toEqual([401, 401])
    }
  })

  test('lets exactly the limit through, whichever worker is asked', async () => {
    // The last user that is named counts: the largest limit among a user's keys is the user's.
    const limited = await createKey({ DATABASE_URL: database.url }, '--user', 'lim', '--rate-limit', '40')
    let through = 0
    const askBoth = async (times: number) => {
      const asked = Array.from({ length: 2 * times }, (_, n) =>
        on(lines[n % 2] as Line, '/api/cards', { key: limited }),
      )
      for (const { status } of await Promise.all(asked)) {
        expect([200, 429]).toContain(status)
        if (status === 200) through++
      }
      return through
    }
    expect(await askBoth(60)).toBeGreaterThan(30)
    // What one worker was granted ahead and did not spend comes back within seconds.
    await expect.poll(() => askBoth(1)).toBe(40)
    await setTimeout(1500)
    expect(await askBoth(10)).toBe(40)
  })

  test('adds up its metrics and its performance over the workers', async () => {
    for (let n = 0; n < 15; n++) for (const line of lines) await on(line, '/api/authors?limit=3')
    const name = 'extropy_requests_total{procedure="authors.list",door="rest",code="OK"}'
    for (const line of lines) {
      const sum = async () => {
        const { text } = await on(line, '/metrics')
        return Number(
          text
            .split('\n')
            .find((each) => each.startsWith(name))
            ?.slice(name.length),
        )
      }
      await expect.poll(sum, { timeout: waitMs }).toBe(30)
    }
    const { text } = await on(lines[1], '/health/performance')
    const { process, procedures, cache, database: db } = JSON.parse(text)
    expect(process).toEqual({
      workers: 2,
      memory_mb: expect.toSatisfy((megabytes: number) => megabytes > 150),
      event_loop_max_ms: expect.any(Number),
    })
    const authors = procedures.find((each: { procedure: string }) => each.procedure === 'authors.list')
    expect(authors.count).toBe(30)
    // Each worker had to load it once.
    expect(cache.hits).toBeGreaterThanOrEqual(28)
    expect(db.pool.max_size).toBe(50)
  })

  if (Object.keys(redis).length > 0) return

  test('loses the requests that a killed worker had in hand, and no others; it is started again', async () => {
    const callers = 8
    const reads = await figure(lines[0], 'extropy_response_cache_total')
    const load = underLoad(server.url, '/api/contents?limit=5', callers)
    await expect.poll(load.answered, { timeout: waitMs }).toBeGreaterThan(200)
    const [victim] = childrenOf(server.child.pid)
    process.kill(victim as number, 'SIGKILL')
    const agent = new Agent({ keepAlive: false })
    const readyWorkers = async () => {
      const { text } = await ask(server.url, agent, '/metrics')
      return ['extropy_workers', 'extropy_worker_ends_total'].map((name) =>
        Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]),
      )
    }
    await expect.poll(readyWorkers, { timeout: waitMs }).toEqual([2, 1])
    const answered = load.answered()
    await expect.poll(load.answered, { timeout: waitMs }).toBeGreaterThan(answered + 200)
    await load.stop()
    expect([...load.statuses.keys()].filter((status) => status !== 200 && status !== 0)).toEqual([])
    expect(load.statuses.get(0) ?? 0).toBeLessThanOrEqual(callers)
    lines = await openLines(server.url)
    // What the killed one had counted by the last look is still in the sums.
    expect(await figure(lines[0], 'extropy_response_cache_total')).toBeGreaterThanOrEqual(reads)
  }, 120_000)

  test('is reloaded under load without a lost request', async () => {
    const before = childrenOf(server.child.pid)
    const load = underLoad(server.url, '/api/contents?limit=5', 8)
    await expect.poll(load.answered, { timeout: waitMs }).toBeGreaterThan(200)
    server.child.kill('SIGHUP')
    const isReplaced = () => childrenOf(server.child.pid).some((pid) => before.includes(pid))
    await expect.poll(isReplaced, { timeout: 100_000 }).toBe(false)
    const answered = load.answered()
    await expect.poll(load.answered, { timeout: waitMs }).toBeGreaterThan(answered + 200)
    await load.stop()
    expect([...load.statuses.keys()]).toEqual([200])
    lines = await openLines(server.url)
  }, 120_000)

  test('stops in order, all of it', async () => {
    const workers = childrenOf(server.child.pid)
    server.child.kill('SIGTERM')
    expect(await server.exit()).toBe(0)
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(server.output()).toContain('"worker":"primary"')
  })
})

test('a server of several workers outlives SIGHUPs at its start, and the death of all its workers twice in a row', async () => {
  const database = await createTestDatabase(template)
  const server = run('apps/server/src/main.ts', [], {
    DATABASE_URL: database.url,
    WORKERS: '2',
    // Of the port 0, those that are started anew would take another one.
    PORT: String(await freePort()),
    LOAD_SAMPLE: 'never',
    WEB_APP: 'off',
    JOBS: 'off',
    // Node itself has started: until then nothing can hold a signal.
    NODE_OPTIONS: `--import=data:text/javascript,console.error('booted')`,
  })
  try {
    // First main.ts, then what it turns into.
    for (const booted of [/booted/, /(booted\s+){2}/]) {
      await server.waitFor(booted)
      await setTimeout(100)
      server.child.kill('SIGHUP')
    }
    const [, url = ''] = await server.waitFor(/serving on (http:\S+)/)
    const killed = new Set<number>()
    for (let round = 0; round < 2; round++) {
      const living = () => childrenOf(server.child.pid).filter((pid) => !killed.has(pid))
      await expect.poll(() => living().length, { timeout: waitMs }).toBeGreaterThanOrEqual(2)
      for (const pid of living()) {
        killed.add(pid)
        process.kill(pid, 'SIGKILL')
      }
    }
    const agent = new Agent({ keepAlive: false })
    const answers = () => ask(url, agent, '/health/live')
    await expect.poll(async () => (await answers()).status, { timeout: waitMs }).toBe(200)
    expect(server.child.exitCode).toBe(null)
    server.child.kill('SIGTERM')
    expect(await server.exit()).toBe(0)
  } finally {
    server.child.kill('SIGKILL')
    await server.exit()
    await database.close()
  }
}, 120_000)
