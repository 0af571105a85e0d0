import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type pg from 'pg'
import { load } from '../http/load.ts'
import { startExtropy, withServers } from '../http/servers.ts'
import type { HttpRequest } from '../http/wrk-script.ts'
import { cpuMicros } from '../load.ts'
import { quantile } from '../ratio.ts'
import { type Step, simulate } from './simulate.ts'

export interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of a request: of the servers, of the database's backends, of the load generators. */
  readonly serverUs: number
  readonly databaseUs: number
  readonly loadUs: number
  /** Share of the machine's cores that these three used; what is missing, others took, or nobody. */
  readonly used: number
}

interface Check {
  readonly databaseUrl: string
  readonly client: pg.Client
  readonly servers: number
  /** Of each server's load generator. */
  readonly callers: number
  readonly request: HttpRequest
  readonly seconds: number
}

/** Real servers on this machine, each with a load generator of its own. */
export function measureServers({ databaseUrl, client, servers, callers, request, seconds }: Check): Promise<Measured> {
  const starts = Array.from({ length: servers }, (_, n) => () => startExtropy(`server ${n}`, databaseUrl))
  return withServers(starts, async (running) => {
    const run = (forSeconds: number) =>
      Promise.all(running.map(({ url }) => load(url, [request], { callers, seconds: forSeconds })))
    await run(2)
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    const pids = { server: running.map(({ pid }) => pid), database: rows.map(({ pid }) => pid) }
    const sum = (all: readonly number[]) => all.reduce((total, pid) => total + (cpuMicros(pid) ?? 0), 0)
    const now = () => ({ server: sum(pids.server), database: sum(pids.database), load: childrenMicros() })
    const before = now()
    const results = await run(seconds)
    const after = now()
    const failed = results.reduce((total, each) => total + each.failed, 0)
    if (failed > 0) throw new Error(`${failed} requests failed`)
    const requests = results.reduce((total, each) => total + each.requests, 0)
    const [serverUs, databaseUs, loadUs] = (['server', 'database', 'load'] as const).map(
      (each) => (after[each] - before[each]) / requests,
    ) as [number, number, number]
    const perSecond = results.reduce((total, each) => total + each.requests / each.seconds, 0)
    return {
      perSecond,
      p50Ms: Math.max(...results.map(({ p50Ms }) => p50Ms)),
      p99Ms: Math.max(...results.map(({ p99Ms }) => p99Ms)),
      serverUs,
      databaseUs,
      loadUs,
      used: (perSecond * (serverUs + databaseUs + loadUs)) / 1e6 / cpus().length,
    }
  })
}

/** The same by simulation: all of them on this machine's cores. */
export function simulateHere(
  { serverUs, databaseUs, loadUs }: Pick<Measured, 'serverUs' | 'databaseUs' | 'loadUs'>,
  { servers, callers, cores = cpus().length }: { servers: number; callers: number; cores?: number },
) {
  const stations = Array.from({ length: servers }, (_, n) => [
    { name: `load ${n}`, places: 1, machine: 'here' },
    { name: `server ${n}`, places: 1, machine: 'here' },
  ]).flat()
  let turn = 0
  const nextRequest = (): Step[] => {
    const n = turn++ % servers
    return [
      { station: `load ${n}`, serviceUs: loadUs },
      { station: `server ${n}`, serviceUs: serverUs / 2 },
      { station: 'database', serviceUs: databaseUs },
      { station: `server ${n}`, serviceUs: serverUs / 2 },
    ]
  }
  const model = {
    stations: [...stations, { name: 'database', places: 50, machine: 'here' }],
    machines: { here: cores },
    nextRequest,
  }
  const { perSecond, latenciesUs } = simulate(model, { callers: servers * callers }, 50_000)
  return { perSecond, p50Ms: quantile(latenciesUs, 0.5) / 1000, p99Ms: quantile(latenciesUs, 0.99) / 1000 }
}

/** Processor time of children that have ended, in µs. */
function childrenMicros(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10_000
}
