import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { createDatabase, type DatabaseHandle, migrate } from '@extropy/db'
import { sql } from 'kysely'
import pg from 'pg'
import { type Counts, countJobs } from './count-jobs.ts'

export interface KillReport extends Counts {
  readonly kills: number
  readonly seconds: number
  /** Before this run's time was over, all were done. */
  readonly isDone: boolean
}

export interface KillOptions {
  readonly jobs: number
  /** From its being ready to its end. */
  readonly killAfterMs: number
  readonly limitMs: number
  readonly onProgress?: (counts: Counts, kills: number) => void
}

const program = join(import.meta.dirname, 'worker-process.ts')

/** Two workers on a database of its own beside that of `serverUrl`; each is killed some time after it is ready, and replaced. */
export async function killOnServer(serverUrl: string, options: KillOptions): Promise<KillReport> {
  const name = `extropy_test_kill_${process.pid}_${Date.now()}`
  await onServer(serverUrl, `create database ${name}`)
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  try {
    const handle = await createDatabase({ url })
    try {
      await prepare(handle)
      return await kill(url, 2, options, () => countJobs(handle.db))
    } finally {
      await handle.close()
    }
  } finally {
    await onServer(serverUrl, `drop database if exists ${name} with (force)`)
  }
}

/** One process on an embedded database of its own; each one opens the folder that the last was killed in. */
export async function killEmbedded(options: KillOptions): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-kill-'))
  try {
    const handle = await createDatabase({ url: folder })
    await prepare(handle)
    await handle.close()
    return await kill(folder, 1, options, undefined)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function prepare(handle: DatabaseHandle): Promise<void> {
  await migrate(handle)
  await sql`create table effects (job_id uuid not null)`.execute(handle.db)
}

async function kill(
  url: string,
  workers: number,
  { jobs, killAfterMs, limitMs, onProgress }: KillOptions,
  ask: (() => Promise<Counts>) | undefined,
): Promise<KillReport> {
  const startedAt = performance.now()
  const isLate = () => performance.now() - startedAt > limitMs
  let counts: Counts = { succeeded: 0, jobsWithEffect: 0, effects: 0, again: 0, dead: 0 }
  let kills = 0
  let fill = jobs
  const isDone = () => counts.succeeded + counts.dead >= jobs
  const oneAfterAnother = async () => {
    while (!isDone() && !isLate()) {
      const worker = startWorker(url, fill, (seen) => {
        counts = seen
      })
      fill = 0
      const isReady = await Promise.race([worker.ready.then(() => true), worker.closed.then(() => false)])
      if (!isReady) throw new Error('a worker ended before it was ready')
      const killAt = performance.now() + killAfterMs
      while (performance.now() < killAt && !isDone()) await setTimeout(50)
      worker.child.kill('SIGKILL')
      await worker.closed
      kills++
    }
  }
  const watch = async () => {
    while (!isDone() && !isLate()) {
      await setTimeout(200)
      if (ask !== undefined) counts = await ask()
      onProgress?.(counts, kills)
    }
  }
  await Promise.all([watch(), ...Array.from({ length: workers }, oneAfterAnother)])
  return { ...counts, kills, isDone: isDone(), seconds: (performance.now() - startedAt) / 1000 }
}

function startWorker(url: string, fill: number, onCounts: (counts: Counts) => void) {
  const child: ChildProcess = spawn(process.execPath, [program, url, String(fill)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A start takes three fifths of its time with this.
    env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/node-compile') },
  })
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const closed = new Promise<void>((end) => child.once('close', () => end()))
  createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on('line', (line) => {
    if (line === 'ready') resolve()
    else if (line.startsWith('{') && line.endsWith('}')) onCounts(JSON.parse(line) as Counts)
  })
  return { child, ready, closed }
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
