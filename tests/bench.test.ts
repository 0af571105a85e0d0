import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, test } from 'vitest'
import { hasProgram } from '../bench/src/bench-case.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { TEST_DATABASE_URL } = process.env

/** A suite that runs for a while, and how many processes it is then at least: itself and, where there is one, pgbench. */
const long =
  TEST_DATABASE_URL && hasProgram('pgbench')
    ? { args: ['ledger', '--quick'], env: { TEST_DATABASE_URL }, processes: 2 }
    : { args: ['cache', '--part', 'hits'], env: {}, processes: 1 }

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
  [['cache', '--quik'], "Unknown option '--quik'; there is: --"],
  [['cache', '--part'], "Option '--part <value>' argument missing; there is: "],
  [['before-after'], 'before-after needs a server: set TEST_DATABASE_URL'],
  [['cache-soak'], 'cache-soak needs a server: set TEST_REDIS_URL'],
  [['compare', 'one'], 'compare takes two result files'],
  [['compare', 'no-such-commit', 'HEAD', '--suite', 'cache'], 'no-such-commit is neither a result file nor a commit'],
])('pnpm bench %j ends with one clear line and status 2', async (args, message) => {
  const { ended, output } = bench(args)
  expect(await ended).toBe(2)
  expect(output().trim().split('\n')).toEqual([expect.stringContaining(`bench: ${message}`)])
})

test('a database that does not answer ends pnpm bench with one clear line and status 2', async () => {
  const { ended, output } = bench(['db'], { TEST_DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' })
  expect(await ended).toBe(2)
  expect(output()).toMatch(/^bench: the server that TEST_DATABASE_URL names does not let us in: .*ECONNREFUSED.*\n$/)
  expect(output()).not.toContain('hunter2')
})

test.skipIf(process.platform !== 'linux')('Ctrl-C leaves no process behind', async () => {
  const { child, ended } = bench(long.args, long.env)
  const pids = await until(() => {
    const found = descendants(child.pid as number)
    return found.length >= long.processes ? found : undefined
  })
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(pids.filter(isRunning)).toEqual([])
})

test.skipIf(!TEST_DATABASE_URL)('Ctrl-C drops the database that was being filled', async () => {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL })
  await client.connect()
  const { child, ended } = bench(['growth', '--quick'], {
    TEST_DATABASE_URL: TEST_DATABASE_URL ?? '',
  })
  const find = async () => {
    const pids = descendants(child.pid as number)
    const { rows } = await client.query('select datname from pg_database where datname = any($1)', [
      pids.map((pid) => `extropy_bench_1000_${pid}`),
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

test.skipIf(process.platform !== 'linux')('a benchmark that is killed outright leaves no process behind', async () => {
  const { child, ended } = bench(long.args, long.env)
  const pids = await until(() => {
    const found = descendants(child.pid as number)
    return found.length >= long.processes ? found : undefined
  })
  child.kill('SIGKILL')
  await ended
  await until(() => !pids.some(isRunning) || undefined)
})

async function until<Value>(find: () => Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 1200; tries++) {
    const found = find()
    if (found !== undefined) return found
    await sleep(50)
  }
  throw new Error('not within a minute')
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
