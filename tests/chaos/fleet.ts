import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { startServer } from '@extropy/server/testing'
import type { Random } from '../ledger-simulator/random.ts'

export interface Fleet {
  readonly size: number
  /** Of the servers that are up. */
  ports(): readonly number[]
  killServer(at: number): Promise<void>
  /** SIGHUP: its workers are replaced, one after the other. */
  reload(at: number): void
  signalWorker(random: Random, signal: NodeJS.Signals): Promise<void>
  pauseWorker(random: Random, ms: number): Promise<void>
  /** All servers are up. */
  settle(): Promise<void>
  stop(): Promise<void>
}

type Server = Awaited<ReturnType<typeof startServer>>

/** Servers with workers of their own, each started again when it is killed, as a supervisor would. */
export async function startFleet(settings: readonly Readonly<Record<string, string>>[]): Promise<Fleet> {
  const servers: (Server | undefined)[] = await Promise.all(settings.map((env) => startServer(env)))
  const restarts = new Set<Promise<void>>()
  let isStopping = false

  const keepUp = async (at: number): Promise<void> => {
    for (let tries = 0; !isStopping; tries++) {
      try {
        servers[at] = await startServer(settings[at] as Record<string, string>)
        return
      } catch (error) {
        // What it needs may be dead too.
        if (tries > 30) throw error
        await setTimeout(500)
      }
    }
  }
  const killServer = async (at: number) => {
    const server = servers[at]
    // One of them is up at any time: a start takes long on a busy machine.
    if (server === undefined || restarts.size > 0) return
    servers[at] = undefined
    const workers = workersOf(server)
    server.child.kill('SIGKILL')
    for (const pid of workers) signal(pid, 'SIGKILL')
    await server.exit()
    const restart = keepUp(at).finally(() => restarts.delete(restart))
    restarts.add(restart)
    restart.catch(() => {})
  }
  const anyWorker = (random: Random) => {
    const pids = servers.flatMap((server) => (server === undefined ? [] : workersOf(server)))
    return pids[random.integer(pids.length)]
  }
  return {
    size: settings.length,
    ports: () => servers.flatMap((server) => (server === undefined ? [] : [Number(new URL(server.url).port)])),
    killServer,
    reload(at) {
      servers[at]?.child.kill('SIGHUP')
    },
    async signalWorker(random, name) {
      const pid = anyWorker(random)
      if (pid !== undefined) signal(pid, name)
    },
    async pauseWorker(random, ms) {
      const pid = anyWorker(random)
      if (pid === undefined) return
      signal(pid, 'SIGSTOP')
      await setTimeout(ms)
      signal(pid, 'SIGCONT')
    },
    async settle() {
      await Promise.all(restarts)
    },
    async stop() {
      isStopping = true
      await Promise.allSettled(restarts)
      for (const server of servers) {
        if (server === undefined) continue
        const workers = workersOf(server)
        server.child.kill('SIGKILL')
        for (const pid of workers) signal(pid, 'SIGKILL')
        await server.exit()
      }
    },
  }
}

/** The processes that it has forked (Linux alone). */
function workersOf({ child }: Server): number[] {
  try {
    return readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number)
  } catch {
    return []
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}
