import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTemplate,
  createTestDatabase,
  freePort,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { createKey, run, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { redisProgram, startOwnRedis } from './own-redis.ts'
import { createWire } from './wire.ts'

if (redisProgram === undefined) {
  process.stderr.write('Not run: Redis under faults (no redis-server on the PATH; set TEST_REDIS_SERVER).\n')
}

async function ownRedis(...options: readonly string[]) {
  const redis = await startOwnRedis(...options)
  onTestFinished(redis.kill)
  return redis
}

describe.skipIf(redisProgram === undefined)('a Redis that', () => {
  let template: Template
  let database: TestDatabase
  let key: string
  let profile: string
  beforeAll(async () => {
    template = await createTemplate(process.env.TEST_DATABASE_URL)
    database = await createTestDatabase(template)
    key = await createKey({ DATABASE_URL: database.url }, '--scope', 'admin')
    profile = `/api/users/${(await database.db.selectFrom('users').select('id').executeTakeFirstOrThrow()).id}`
  })
  afterAll(async () => {
    await database.close()
    await removeTemplate(template)
  })

  async function serve(REDIS_URL: string) {
    const server = await startServer({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'fatal',
      RATE_LIMIT_ANONYMOUS_PER_HOUR: '1000000000',
      JOBS: 'off',
      REDIS_URL,
    })
    onTestFinished(async () => {
      server.child.kill('SIGKILL')
      await server.exit()
    })
    return server
  }

  test('is killed, flushed, restarted, slow or full makes no read old and no read or write fail', async () => {
    const redis = await ownRedis('--save', '', '--appendonly', 'no')
    const wire = await createWire(redis.url)
    const servers = await Promise.all([serve(wire.url.href), serve(wire.url.href)])
    const problems: string[] = []
    const counts = { reads: 0, writes: 0 }
    let written = 0
    let during = 'nothing'

    /** The version that a read which begins now must reach. */
    const read = async (at: number) => {
      const least = written
      const response = await fetch(`${servers[at]?.url}${profile}`)
      const text = await response.text()
      const version = Number(/"bio":"version (\d+)"/.exec(text)?.[1] ?? 0)
      counts.reads++
      if (response.status !== 200 || version < least) {
        problems.push(`${during}: server ${at} answered ${response.status}, version ${version} of ${least}`)
      }
      return response.headers.get('x-cache')
    }
    const write = async (at: number) => {
      const version = written + 1
      const response = await fetch(`${servers[at]?.url}${profile}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ bio: `version ${version}` }),
      })
      counts.writes++
      if (response.status !== 200) problems.push(`${during}: a write got ${response.status}, ${await response.text()}`)
      written = version
    }
    let over = false
    const readers = [0, 1, 0, 1].map(async (at) => {
      while (!over) {
        await read(at)
        await sleep(5)
      }
    })
    const work = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        await write(round % 2)
        await Promise.all([read(0), read(1)])
      }
    }
    const isHot = async () => `${await read(0)} ${await read(1)}`
    const under = async (fault: string, rounds: number, begin: () => unknown, end: () => unknown = () => {}) => {
      during = fault
      await begin()
      await work(rounds)
      await end()
      await work(rounds)
      await expect.poll(isHot, { timeout: 30_000 }).toBe('HIT HIT')
    }

    await under('healthy', 6, () => {})
    await under('flushed', 6, () => redis.command('FLUSHALL'))
    await under('killed', 6, redis.kill, redis.start)
    await under('restarted', 6, () => redis.kill().then(redis.start))
    await under(
      'full',
      6,
      async () => {
        await redis.command('CONFIG SET maxmemory-policy noeviction')
        await redis.command('CONFIG SET maxmemory 1')
        expect(await redis.command('SET a b')).toMatch(/^-OOM/)
      },
      () => redis.command('CONFIG SET maxmemory 0'),
    )
    await under(
      'a third of a second slow',
      1,
      () => wire.slow(300),
      () => wire.slow(0),
    )
    await under(
      'two seconds slow',
      1,
      () => wire.slow(2_000),
      () => wire.slow(0),
    )
    over = true
    await Promise.all(readers)
    expect(problems).toEqual([])
    expect(counts.reads).toBeGreaterThan(500)
    expect(counts.writes).toBeGreaterThan(50)
    await wire.cut()
  })

  test('is a node of a Cluster, or a Sentinel, stops the start in one line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'extropy-redis-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const sentinel = join(folder, 'sentinel.conf')
    await writeFile(sentinel, 'sentinel monitor mymaster 127.0.0.1 1 1\n')
    const kinds = [
      [
        ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`, '--dir', folder],
        'REDIS_URL: is a node of a Redis Cluster: use a server with',
      ],
      [
        [sentinel, '--sentinel'],
        'REDIS_URL: is a Sentinel: give the address that leads to the primary that it watches',
      ],
    ] as const
    for (const [options, line] of kinds) {
      const { url } = await ownRedis(...options)
      const started = run('apps/server/src/main.ts', [], { DATABASE_URL: database.url, REDIS_URL: url.href, PORT: '0' })
      expect(await started.exit()).not.toBe(0)
      expect(started.output()).toContain(line)
      expect(started.output()).not.toMatch(/^\s+at /m)
    }
  })
})
