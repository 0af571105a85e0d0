import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDatabase, migrate } from '@extropy/db'
import { sql } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The benchmark as a user starts it, without any server's URL unless given. */
function bench(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['bench/src/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, ended, output: () => output }
}

test.each([
  [['nonsense'], 'no suite is named nonsense; there is: '],
  [['cache', '--part', 'nonsense'], 'cache has no part nonsense; there is: hits, '],
  [['cache', '--quik'], "Unknown option '--quik'; there is: --keep, "],
  [['cache', '--part'], "Option '--part <value>' argument missing; there is: "],
  [['before-after'], 'before-after needs a server: set TEST_DATABASE_URL'],
  [['cache-soak'], 'cache-soak needs a server: set TEST_REDIS_URL'],
  [['compare', 'one'], 'compare takes two result files'],
  [['compare', 'no-such-commit', 'HEAD', '--suite', 'cache'], 'no-such-commit is neither a result file nor a commit'],
])('pnpm bench %j: one clear line, and exit 2', async (args, message) => {
  const { ended, output } = bench(args)
  expect(await ended).toBe(2)
  expect(output().trim().split('\n')).toEqual([expect.stringContaining(`bench: ${message}`)])
})

test('a database that does not answer: one clear line, and exit 2', async () => {
  const { ended, output } = bench(['db'], { TEST_DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' })
  expect(await ended).toBe(2)
  expect(output()).toMatch(/^bench: the server that TEST_DATABASE_URL names does not let us in: .*ECONNREFUSED.*\n$/)
  expect(output()).not.toContain('hunter2')
})

test('a port that is taken: one clear line and exit 2, before anything is measured', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const { ended, output } = bench(['cache', '--part', 'invalidation', '--quick', '--port', String(port)])
  expect(await ended).toBe(2)
  expect(output()).toMatch(new RegExp(`\nbench: --port ${port} can't be used: .*EADDRINUSE.*\n$`))
  taken.close()
})

test.skipIf(process.platform !== 'linux')('Ctrl-C leaves no process behind', async () => {
  const { child, ended } = bench(['cache', '--part', 'http'])
  // The suite, four servers and a load generator.
  const pids = await until(() => {
    const found = descendants(child.pid as number)
    return found.length >= 6 ? found : undefined
  })
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(pids.filter(isRunning)).toEqual([])
})

const { TEST_DATABASE_URL } = process.env
test.skipIf(!TEST_DATABASE_URL)('a database that is too small: one clear line, and exit 2', async () => {
  const small = new URL(TEST_DATABASE_URL ?? '')
  small.pathname = `/extropy_too_small_${process.pid}`
  const server = await createDatabase({ url: TEST_DATABASE_URL ?? '' })
  await sql`create database ${sql.id(small.pathname.slice(1))}`.execute(server.db)
  try {
    const database = await createDatabase({ url: small.href })
    await migrate(database)
    await database.close()
    const env = { TEST_DATABASE_URL: TEST_DATABASE_URL ?? '' }
    const { ended, output } = bench(['before-after', '--quick', '--database', small.href], env)
    expect(await ended).toBe(2)
    expect(output()).toMatch(/\nbench: the database that --database names is too small: cards has 0 rows, not 20000\n$/)
  } finally {
    await sql`drop database ${sql.id(small.pathname.slice(1))} with (force)`.execute(server.db)
    await server.close()
  }
})

test.skipIf(!TEST_DATABASE_URL)('Ctrl-C drops the database that was being filled', async () => {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL })
  await client.connect()
  const { child, ended } = bench(['growth', '--part', 'callers', '--quick'], {
    TEST_DATABASE_URL: TEST_DATABASE_URL ?? '',
  })
  const find = async () => {
    const pids = descendants(child.pid as number)
    const { rows } = await client.query('select datname from pg_database where datname = any($1)', [
      pids.map((pid) => `extropy_bench_10000_${pid}`),
    ])
    return rows[0]?.datname as string | undefined
  }
  let name: string | undefined
  while (name === undefined) name = await find()
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  const { rows } = await client.query('select from pg_database where datname = $1', [name])
  await client.end()
  expect(rows).toEqual([])
})

test.skipIf(process.platform !== 'linux')('a benchmark that is killed outright takes its processes along', async () => {
  const { child, ended } = bench(['cache', '--part', 'http'])
  const pids = await until(() => {
    const found = descendants(child.pid as number)
    return found.length >= 6 ? found : undefined
  })
  child.kill('SIGKILL')
  await ended
  await until(() => !pids.some(isRunning) || undefined)
})

async function until<Value>(find: () => Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 600; tries++) {
    const found = find()
    if (found !== undefined) return found
    await sleep(50)
  }
  throw new Error('not within 30 s')
}

/** All that a process has started, and they in turn, from /proc. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(Number(name))] as const)
  const children = parents.filter(([, parent]) => parent === pid).map(([child]) => child)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function parentOf(pid: number): number | undefined {
  return Number(statusOf(pid, 'PPid'))
}

/** A zombie has ended: its parent has only not heard of it yet. */
function isRunning(pid: number): boolean {
  const state = statusOf(pid, 'State')
  return state !== undefined && !state.startsWith('Z')
}

function statusOf(pid: number, field: string): string | undefined {
  try {
    const text = readFileSync(join('/proc', String(pid), 'status'), 'utf8')
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)?.[1]
  } catch {
    return undefined
  }
}
