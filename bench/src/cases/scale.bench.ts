import pg from 'pg'
import type { BenchCase } from '../bench-case.ts'
import { withGenerated } from '../databases.ts'
import { loadTool } from '../http/load.ts'
import { quantile, seeded } from '../ratio.ts'
import { loadResults } from '../report/load-results.ts'
import { record, recordData, skip } from '../results.ts'
import { measureServers, simulateHere } from '../scale/check.ts'
import { type Cluster, clusterModel } from '../scale/cluster.ts'
import { costOfAMillion, type ServiceTimes, serviceTimes } from '../scale/service-times.ts'
import { simulate } from '../scale/simulate.ts'
import { table } from '../table.ts'

const shared = { databaseCores: 8, writeShare: 0.1, networkUs: 500 }
/** Of what the cluster can do: where queues are short enough to live with. */
const steadyLoad = 0.7
const callersOfOne = 16

/**
 * Throughput and latency of N servers and M replicas by a discrete-event simulation whose service times are the report's;
 * its points for one and two servers beside real ones on this machine.
 */
export const bench: BenchCase = {
  title: 'N servers × M replicas by simulation, one and two servers beside real ones',
  parts: ['simulated', 'checked'],
  async run({ quick, keep, wants }) {
    if (wants('simulated')) await simulateClusters(quick)
    const serverUrl = process.env.TEST_DATABASE_URL
    if (!wants('checked')) return
    if (serverUrl === undefined || process.platform !== 'linux') {
      return skip('checked', 'needs Linux, and PostgreSQL: set TEST_DATABASE_URL')
    }
    await withGenerated(serverUrl, 20_000, { keep, share: false }, ({ url }) => check(url, quick ? 2 : 6))
  },
}

async function simulateClusters(quick: boolean): Promise<void> {
  const times = serviceTimes(await loadResults())
  const us = (value: number) => `${value.toFixed(0)} µs`
  recordData(
    `hit ${us(times.hitUs)}, miss ${us(times.missUs)} + ${us(times.missDatabaseUs)} in the database, write ${us(times.writeUs)} + ${us(times.writeDatabaseUs)}, ${(times.hitShare * 100).toFixed(1)} % of reads are hits`,
  )
  recordData(
    `${shared.writeShare * 100} % writes, ${shared.databaseCores} cores a database, network ${us(shared.networkUs)}`,
  )
  const { server, database } = costOfAMillion(times, shared.writeShare)
  for (const [contender, value] of Object.entries({ servers: server, databases: database })) {
    record({ suite: 'scale', name: 'a million requests', contender, unit: 'core seconds', value })
  }
  const rows: string[][] = []
  for (const [servers, replicas] of [
    [1, 0],
    [2, 0],
    [2, 1],
    [4, 1],
    [8, 2],
    [16, 0],
    [16, 2],
    [30, 0],
    [30, 4],
  ] as const) {
    const found = simulateCluster({ ...shared, servers, replicas }, times, quick ? 100_000 : 400_000)
    const contender = `${servers} servers, ${replicas} replicas`
    record({ suite: 'scale', name: 'simulated: most requests', contender, unit: 'requests/s', value: found.most })
    record({ suite: 'scale', name: 'simulated: p50 at 70 %', contender, unit: 'ms', value: found.p50Ms })
    record({ suite: 'scale', name: 'simulated: p99 at 70 %', contender, unit: 'ms', value: found.p99Ms })
    const figures = [found.most.toFixed(0), found.p50Ms.toFixed(2), found.p99Ms.toFixed(2), found.busiest]
    rows.push([`${servers}`, `${replicas}`, ...figures])
  }
  const header = ['servers', 'replicas', 'most requests/s', 'p50 ms at 70 %', 'p99 ms at 70 %', 'busiest']
  process.stdout.write(
    `a million requests: ${server.toFixed(0)} core s of servers, ${database.toFixed(0)} of databases\n`,
  )
  process.stdout.write(table(header, rows))
}

function simulateCluster(cluster: Cluster, times: ServiceTimes, requests: number) {
  const full = simulate(clusterModel(cluster, times, 1), { callers: 64 * cluster.servers }, requests)
  const perSecond = full.perSecond * steadyLoad
  const random = seeded(3)
  const steady = simulate(clusterModel(cluster, times, 2), { perSecond, random }, requests)
  const [busiest = ''] = Object.entries(full.busyShare).toSorted(([, a], [, b]) => b - a)[0] ?? []
  return {
    most: full.perSecond,
    p50Ms: quantile(steady.latenciesUs, 0.5) / 1000,
    p99Ms: quantile(steady.latenciesUs, 0.99) / 1000,
    busiest: busiest.replace(/ \d+$/, ''),
  }
}

async function check(databaseUrl: string, seconds: number): Promise<void> {
  process.stdout.write(`load by ${loadTool}, ${callersOfOne} callers a server\n`)
  const path = '/api/cards?limit=20'
  const requests = { hits: { path }, misses: { path, headers: { 'Cache-Control': 'no-cache' } } }
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const rows: string[][] = []
  try {
    for (const [name, request] of Object.entries(requests)) {
      for (const servers of [1, 2]) {
        const options = { servers, callers: callersOfOne }
        const real = await measureServers({ ...options, databaseUrl, client, request, seconds })
        const predicted = simulateHere(real, options)
        const contender = `${name}, ${servers} of 2 cores' servers`
        const measured = { suite: 'scale', contender, unit: 'requests/s' }
        record({ ...measured, name: 'checked: real', value: real.perSecond })
        record({ ...measured, name: 'checked: simulated', value: predicted.perSecond })
        const all = real.serverUs + real.databaseUs + real.loadUs
        rows.push([
          name,
          `${servers}`,
          real.perSecond.toFixed(0),
          predicted.perSecond.toFixed(0),
          (predicted.perSecond / real.perSecond).toFixed(2),
          `${real.p50Ms.toFixed(2)} / ${predicted.p50Ms.toFixed(2)}`,
          `${real.p99Ms.toFixed(2)} / ${predicted.p99Ms.toFixed(2)}`,
          `${real.serverUs.toFixed(0)} + ${real.databaseUs.toFixed(0)} + ${real.loadUs.toFixed(0)}`,
          `${((real.loadUs / all) * 100).toFixed(0)} %`,
          `${(real.used * 100).toFixed(0)} %`,
        ])
      }
    }
  } finally {
    await client.end()
  }
  const header = [
    '',
    'servers',
    'real/s',
    'simulated/s',
    'ratio',
    'p50 ms',
    'p99 ms',
    'µs: server + database + load',
    "load's share",
    'cores used',
  ]
  process.stdout.write(table(header, rows))
}
