import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'

const bin = process.env.TEST_PG_BIN
/** Undefined where servers of one's own can be started; otherwise the reason, for a test to say. */
export const noServersBecause =
  bin !== undefined && ['initdb', 'postgres', 'pg_basebackup'].every((name) => existsSync(join(bin, name)))
    ? undefined
    : 'TEST_PG_BIN names no folder with initdb, postgres and pg_basebackup'

/** One PostgreSQL server of a test's own: a primary or a standby, as it was made and promoted. */
export interface PgServer {
  readonly name: string
  readonly port: number
  /** The URL of a database on it; default `postgres`. */
  url(database?: string): string
  /** `host:port`, for a URL with several. */
  readonly host: string
  /** Starts it, where it does not run, and waits until it takes connections. */
  start(): Promise<void>
  /** SIGKILL: what a crash leaves. */
  kill(): Promise<void>
  /** Its processes stand still from now on: it takes connections, and says nothing. */
  pause(): void
  resume(): void
  /** In order: all that was answered is sent to its standbys first. */
  stop(): Promise<void>
  /** A standby takes writes from now on, on a timeline of its own. */
  promote(): Promise<void>
  /** A standby shows each commit so long after the primary did. 0: at once. */
  setDelay(ms: number): Promise<void>
  /** A standby gets its log from another server from now on. */
  follow(other: PgServer): Promise<void>
  /** Commits wait until a standby has them on its disk; returns when all that was committed is there. `false`: they wait no longer. */
  setSynchronous(isSynchronous: boolean): Promise<void>
  /** What was a primary and is killed starts again as a standby, with the other's data in place of its own. */
  rejoin(other: PgServer): Promise<void>
  /** One statement, on a connection of its own. */
  query<Row extends pg.QueryResultRow>(text: string, options?: { database?: string }): Promise<Row[]>
}

export interface Cluster {
  readonly primary: PgServer
  readonly standbys: readonly PgServer[]
  /** Until a standby has replayed all that the server has now. */
  caughtUp(standby: PgServer, on?: PgServer): Promise<void>
  /** Stops all of them and deletes their data. */
  close(): Promise<void>
}

const run = promisify(execFile)

/** A primary and its streaming standbys, on free ports; nothing is flushed to disk. @throws where `noServersBecause` is set. */
export async function createCluster({ standbys = 1 }: { readonly standbys?: number } = {}): Promise<Cluster> {
  if (noServersBecause !== undefined) throw new Error(noServersBecause)
  const root = await mkdtemp(join(process.env.TEST_PG_DATA ?? tmpdir(), 'cluster-'))
  await run('chmod', ['777', root])
  const primary = await createServerIn(root, 'primary')
  await run(
    program('initdb'),
    ['-D', join(root, 'primary'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { cwd: '/' },
  )
  await primary.start()
  const others = await Promise.all(
    Array.from({ length: standbys }, async (_, at) => {
      const standby = await createServerIn(root, `standby${at + 1}`)
      await standby.rejoin(primary)
      return standby
    }),
  )
  return {
    primary,
    standbys: others,
    async caughtUp(standby, on = primary) {
      const [{ lsn } = { lsn: '' }] = await on.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn')
      const isThere = () => standby.query<{ there: boolean }>(`select pg_last_wal_replay_lsn() >= '${lsn}' as there`)
      while (!(await isThere())[0]?.there) await setTimeout(20)
    },
    async close() {
      await Promise.all([primary, ...others].map((server) => server.kill()))
      await rm(root, { recursive: true, force: true })
    },
  }
}

function program(name: string): string {
  return join(bin ?? '', name)
}

async function createServerIn(root: string, name: string): Promise<PgServer> {
  const port = await freePort()
  const folder = join(root, name)
  let child: ChildProcess | undefined
  const url = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`

  const query: PgServer['query'] = async (text, { database } = {}) => {
    const client = new pg.Client({ connectionString: url(database), connectionTimeoutMillis: 5000 })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }
  const set = async (setting: string, value: string) => {
    await query(`alter system set ${setting} = '${value}'`)
    await query('select pg_reload_conf()')
  }
  let paused: number[] = []
  const signalAll = (pids: readonly number[], signal: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  const end = async (signal: NodeJS.Signals) => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill(signal)
    // What stands still would outlive it.
    signalAll(paused.splice(0), 'SIGCONT')
    await ended
  }
  const start = async () => {
    if (child !== undefined) return
    let output = ''
    const started = spawn(program('postgres'), ['-D', folder, '-p', String(port), ...settings], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    started.stderr.on('data', (text) => {
      output = `${output}${text}`.slice(-4000)
    })
    child = started
    while (
      !(await query('select 1').then(
        () => true,
        () => false,
      ))
    ) {
      if (started.exitCode !== null) throw new Error(`${name} did not start:\n${output}`)
      await setTimeout(30)
    }
  }
  return {
    name,
    port,
    url,
    host: `127.0.0.1:${port}`,
    query,
    start,
    kill: () => end('SIGKILL'),
    pause() {
      const pid = child?.pid
      if (pid === undefined) return
      // First the one that starts the others.
      signalAll([pid], 'SIGSTOP')
      paused = [pid, ...childrenOf(pid)]
      signalAll(paused, 'SIGSTOP')
    },
    resume() {
      signalAll(paused.splice(0), 'SIGCONT')
    },
    stop: () => end('SIGINT'),
    async promote() {
      await query('select pg_promote(true, 30)')
    },
    setDelay: (ms) => set('recovery_min_apply_delay', `${ms}ms`),
    follow: (other) => set('primary_conninfo', `host=127.0.0.1 port=${other.port} user=postgres`),
    async setSynchronous(isSynchronous) {
      await set('synchronous_standby_names', isSynchronous ? '*' : '')
      if (!isSynchronous) return
      const isOnAnother = async (lsn: string) =>
        (await query(`select from pg_stat_replication where sync_state = 'sync' and flush_lsn >= '${lsn}'`)).length > 0
      while (!(await isOnAnother('0/0'))) await setTimeout(20)
      // Commits wait from when the checkpointer has read the setting, which it does before it takes an order.
      await query('checkpoint')
      const [{ lsn } = { lsn: '' }] = await query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn')
      while (!(await isOnAnother(lsn))) await setTimeout(20)
    },
    async rejoin(other) {
      await rm(folder, { recursive: true, force: true })
      await run(
        program('pg_basebackup'),
        ['-d', other.url(), '-D', folder, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
        { cwd: '/' },
      )
      await start()
    },
  }
}

/** Linux alone. */
function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return list === '' ? [] : list.split(' ').map(Number)
}

const settings = Object.entries({
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  shared_buffers: '64MB',
  max_connections: '150',
  wal_level: 'replica',
  wal_keep_size: '256MB',
  hot_standby_feedback: 'on',
  wal_retrieve_retry_interval: '200ms',
  wal_receiver_status_interval: '1',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`])
