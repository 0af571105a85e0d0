import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createCluster, freePort, noServersBecause } from '@extropy/db/testing'
import pg from 'pg'
import { redisProgram, startOwnRedis } from '../own-redis.ts'

/** Servers of the suite's own, each of which can be killed and comes back with its data; Redis comes back empty. */
export interface Engines extends AsyncDisposable {
  /** For a server: the two that the primary is one of. */
  readonly candidatesUrl: string
  readonly replicaUrls: string
  /** Whichever of the two takes writes. */
  readonly primary: Engine & { url(): string; cutConnections(): Promise<void> }
  /** The other one. */
  readonly replica: Engine & {
    delay(ms: number): Promise<void>
    pause(ms: number): Promise<void>
    /** Its processes stand still: it takes connections, and says nothing. */
    hang(ms: number): Promise<void>
  }
  /**
   * The primary dies, and the replica takes its place; commits have waited for the replica since shortly before. The old one comes back
   * beside it as it was, for so long; then as its replica.
   */
  promote(forkMs: number, note: (what: string) => void): Promise<void>
  readonly bouncer: Engine & { readonly url: string }
  readonly redis: Engine & { readonly url: string; empty(): Promise<void>; pause(ms: number): Promise<void> }
}

interface Engine {
  kill(): Promise<void>
  start(): Promise<void>
}

const bouncerProgram = join(process.env.TEST_PG_BIN ?? '', 'pgbouncer')

/** Undefined where PostgreSQL and PgBouncer can be started; otherwise the reason. */
export const noBouncerBecause =
  noServersBecause ?? (existsSync(bouncerProgram) ? undefined : 'TEST_PG_BIN has no pgbouncer')

/** Undefined where all of them can be started; otherwise the reason. */
export const noEnginesBecause =
  noBouncerBecause ??
  (redisProgram === undefined ? 'there is no redis-server on the PATH; set TEST_REDIS_SERVER' : undefined)

/** @throws where `noEnginesBecause` is set. */
export async function startEngines(): Promise<Engines> {
  if (noEnginesBecause !== undefined) throw new Error(noEnginesBecause)
  await using stack = new AsyncDisposableStack()
  const cluster = await createCluster({ standbys: 1 })
  stack.defer(() => cluster.close())
  const [standby] = cluster.standbys
  if (standby === undefined) throw new Error('the cluster has no standby')
  let [primary, replica] = [cluster.primary, standby]
  await primary.query('create database extropy')
  const bouncer = await createBouncer(primary.port)
  stack.defer(() => bouncer.close())
  const redis = await startOwnRedis('--save', '', '--appendonly', 'no')
  stack.defer(() => redis.kill())
  const cleanup = stack.move()
  return {
    candidatesUrl: `postgres://postgres@${primary.host},${replica.host}/extropy?target_session_attrs=read-write`,
    replicaUrls: [primary, replica].map((server) => server.url('extropy')).join(),
    primary: {
      url: () => primary.url('extropy'),
      kill: () => primary.kill(),
      start: () => primary.start(),
      async cutConnections() {
        await primary.query(`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = 'extropy' and pid <> pg_backend_pid() and random() < 0.3`)
      },
    },
    replica: {
      kill: () => replica.kill(),
      start: () => replica.start(),
      delay: (ms) => replica.setDelay(ms),
      async pause(ms) {
        await replica.query('select pg_wal_replay_pause()')
        await setTimeout(ms)
        await replica.query('select pg_wal_replay_resume()')
      },
      async hang(ms) {
        replica.pause()
        await setTimeout(ms)
        replica.resume()
      },
    },
    async promote(forkMs, note) {
      await primary.setSynchronous(true)
      note('commits wait for the replica')
      await primary.kill()
      note('the primary is dead')
      await replica.promote()
      ;[primary, replica] = [replica, primary]
      const [place] = await primary.query<{ file: string }>('select pg_walfile_name(pg_current_wal_lsn()) as file')
      note(`the replica is promoted, and writes ${place?.file}`)
      await bouncer.lead(primary.port)
      if (forkMs > 0) {
        // All that run have seen its successor by now: one that has not, and callers who have not either, could write there.
        await setTimeout(5000)
        await replica.start()
        // Were it used, it would take the writes.
        await replica.setSynchronous(false)
        note('the fork takes writes')
        await setTimeout(forkMs)
        await replica.kill()
        note('the fork is dead')
      }
      await replica.rejoin(primary)
    },
    bouncer,
    redis: {
      url: redis.url.href,
      kill: () => redis.kill(),
      start: () => redis.start(),
      async empty() {
        await redis.command('FLUSHALL')
      },
      async pause(ms) {
        await redis.command(`CLIENT PAUSE ${ms} ALL`)
        await setTimeout(ms)
      },
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  }
}

/** By default 15: so long after a failed try it has tried no other, and a promoted primary would get no writes. */
const loginRetrySeconds = 1

/** PgBouncer in transaction mode, before the server on that port at first. */
export async function createBouncer(firstPort: number) {
  const folder = await mkdtemp(join(process.env.TEST_PG_DATA ?? tmpdir(), 'bouncer-'))
  await chmod(folder, 0o777)
  const port = await freePort()
  const settings = join(folder, 'pgbouncer.ini')
  const leadTo = (primaryPort: number) =>
    writeFile(
      settings,
      `[databases]
* = host=127.0.0.1 port=${primaryPort} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 20
max_prepared_statements = 200
server_login_retry = ${loginRetrySeconds}
`,
    )
  await leadTo(firstPort)
  const url = `postgres://postgres@127.0.0.1:${port}/extropy`
  let child: ChildProcess
  const start = async () => {
    child = spawn(bouncerProgram, ['-q', settings], { cwd: '/', stdio: 'ignore' })
    for (;;) {
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => {})
      try {
        await client.connect()
        return await client.end()
      } catch {
        if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`)
        await setTimeout(20)
      }
    }
  }
  const kill = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url,
    start,
    kill,
    /** To another primary from now on, as what promotes it has to tell a pooler. */
    async lead(primaryPort: number) {
      await leadTo(primaryPort)
      child.kill('SIGHUP')
    },
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
