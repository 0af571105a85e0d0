import { setTimeout } from 'node:timers/promises'
import { issueKey } from '@extropy/api'
import { createDatabase, migrate } from '@extropy/db'
import { type Cluster, createCluster, noServersBecause } from '@extropy/db/testing'
import type { BenchCase } from '../bench-case.ts'
import { loadTool, send, underHttpLoad } from '../http/load.ts'
import { type Server, startExtropy, withServers } from '../http/servers.ts'
import { record, skip } from '../results.ts'
import { runTrial } from '../rounds.ts'

interface Suite {
  readonly cluster: Cluster
  readonly key: string
  readonly quick: boolean
}

const parts = { hit: benchHit, share: benchShare, failover: benchFailover }

/** On a primary and two standbys of its own, which flush nothing to disk. The last part promotes one. */
export const bench: BenchCase = {
  title: 'reads on replicas: what the stamp costs a hit, the share of reads, a promotion',
  parts: Object.keys(parts),
  async run({ quick, wants }) {
    if (noServersBecause !== undefined) return skip('a primary and two standbys', noServersBecause)
    const cluster = await createCluster({ standbys: 2 })
    try {
      await cluster.primary.query('create database extropy')
      const database = await createDatabase({ url: cluster.primary.url('extropy') })
      await migrate(database)
      const asked = { username: 'bench_replicas', scope: 'admin', rateLimitPerHour: 2_000_000_000 } as const
      const { key } = await issueKey(database.db, asked)
      await database.close()
      for (const [name, part] of Object.entries(parts)) if (wants(name)) await part({ cluster, key, quick })
    } finally {
      await cluster.close()
    }
  },
}

const database = ({ primary, standbys }: Cluster) =>
  `postgres://postgres@${[primary, ...standbys].map(({ host }) => host).join()}/extropy?target_session_attrs=read-write`
const replicas = ({ standbys }: Cluster) => ({
  DATABASE_REPLICA_URLS: standbys.map((each) => each.url('extropy')).join(),
})

/** The same answer by two servers of which one has replicas, and so a stamp in each answer. */
async function benchHit({ cluster, key, quick }: Suite): Promise<void> {
  const path = '/api/cards?limit=20'
  const headers = { authorization: `Bearer ${key}` }
  const [plain, stamped] = ['without replicas', 'with replicas']
  const starts = [
    () => startExtropy(plain, cluster.primary.url('extropy')),
    () => startExtropy(stamped, cluster.primary.url('extropy'), replicas(cluster)),
  ]
  await withServers(starts, async (servers) => {
    for (const { name, url } of servers) {
      await send(url, { path, headers })
      const answer = await send(url, { path, headers })
      if (answer.headers.get('x-cache') !== 'HIT') throw new Error(`${name}: no hit`)
      if (answer.headers.has('extropy-stamp') !== (name === stamped)) throw new Error(`${name}: the stamp`)
    }
    process.stdout.write(`load by ${loadTool}\n`)
    await runTrial({
      suite: 'replicas',
      name: 'a hit, 32 connections',
      unit: 'requests/s',
      rounds: quick ? 5 : 15,
      seconds: 1,
      warmUpSeconds: 2,
      contenders: servers.map((server) => underHttpLoad(server, [{ path, headers }], 32)),
      comparisons: [{ of: stamped, to: plain, goals: ['a hit: with a stamp / without'] }],
    })
  })
}

/** Sixteen callers on two servers; each reads past the cache, and one request in ten writes; each write is read back at the other server. */
async function benchShare({ cluster, key, quick }: Suite): Promise<void> {
  const starts = [1, 2].map((n) => () => startExtropy(`server ${n}`, database(cluster), replicas(cluster)))
  await withServers(starts, async (servers) => {
    const call = callerOf(servers, key)
    const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => call.draft(n).then(({ id }) => id)))
    const before = await call.counts()
    let [outdated, writes] = [0, 0]
    const caller = async (own: number) => {
      for (let n = 0; n < (quick ? 100 : 500); n++) {
        const id = ids[Math.floor(Math.random() * ids.length)] ?? ''
        if (n % 10 !== own % 10) {
          await call.read(own, id)
          continue
        }
        // Its own cards alone, so that nobody else writes in between.
        const mine = ids[(n % 10) * 16 + own] ?? ''
        const title = `${own} ${n}`
        await call.edit(own, mine, title)
        writes++
        if ((await call.read(own + 1, mine)) !== title) outdated++
      }
    }
    await Promise.all(Array.from({ length: 16 }, (_, own) => caller(own)))
    const after = await call.counts()
    const [served, all] = [after.served - before.served, after.all - before.all]
    process.stdout.write(
      `${all} reads, ${served} by the standbys, ${after.outdated - before.outdated} done again; ${writes} writes, ${outdated} read back outdated\n`,
    )
    const common = { suite: 'replicas', contender: 'two servers, two standbys' }
    record({
      ...common,
      name: 'reads by the standbys',
      unit: 'share',
      value: served / all,
      goals: ['reads by replicas, one request in ten writes'],
    })
    record({
      ...common,
      name: 'own writes read back outdated',
      unit: 'reads',
      value: outdated,
      goals: ['read after own write: outdated'],
    })
  })
}

/** Kills the primary while four callers write, promotes a standby, and waits for the first write. */
async function benchFailover({ cluster, key }: Suite): Promise<void> {
  const { primary, standbys } = cluster
  const [next] = standbys
  if (next === undefined) return
  await withServers([() => startExtropy('server', database(cluster), replicas(cluster))], async (servers) => {
    const call = callerOf(servers, key)
    const written: string[] = []
    let [isOver, wroteAt, refused] = [false, 0, 0]
    const writer = async () => {
      for (; !isOver; await setTimeout(2)) {
        const { status, id } = await call.draft(0)
        if (status !== 200) refused++
        else {
          written.push(id)
          wroteAt = performance.now()
        }
      }
    }
    const writing = Promise.all([1, 2, 3, 4].map(writer))
    while (written.length < 200) await setTimeout(10)
    await primary.kill()
    const killedAt = performance.now()
    await setTimeout(1000)
    const askedAt = performance.now()
    await next.promote()
    while (wroteAt < askedAt) await setTimeout(2)
    const againMs = wroteAt - askedAt
    await setTimeout(1000)
    isOver = true
    await writing
    const rows = await next.query<{ id: string }>('select id from cards', { database: 'extropy' })
    const kept = new Set(rows.map(({ id }) => id))
    const lost = written.filter((id) => !kept.has(id)).length
    process.stdout.write(
      `writes again ${againMs.toFixed(0)} ms after the promotion (killed ${(askedAt - killedAt).toFixed(0)} ms before it); ${written.length} acknowledged, ${lost} lost, ${refused} refused\n`,
    )
    const goals = ['writes again after a promotion, ms'] as const
    record({
      suite: 'replicas',
      contender: 'one server',
      name: 'writes again after a promotion',
      unit: 'ms',
      value: againMs,
      goals,
    })
  })
}

function callerOf(servers: readonly Server[], key: string) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const at = (n: number) => servers[n % servers.length]?.url ?? ''
  const write = async (url: string, method: string, body: object) => {
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
    const { id = '' } = (await answer.json()) as { id?: string }
    return { status: answer.status, id }
  }
  return {
    draft: (n: number) =>
      write(`${at(n)}/api/cards/drafts`, 'POST', { title: 'made', body: '', privacyLevel: 'IDEAS' }),
    edit: (n: number, id: string, title: string) => write(`${at(n)}/api/cards/${id}`, 'PATCH', { title }),
    async read(n: number, id: string) {
      const { text } = await send(at(n), {
        path: `/api/cards/${id}`,
        headers: { ...headers, 'cache-control': 'no-cache' },
      })
      return (JSON.parse(text) as { title: string }).title
    },
    async counts() {
      const all = await Promise.all(
        servers.map(async (_, n) => {
          const { text } = await send(at(n), { path: '/health/performance' })
          return (JSON.parse(text) as { database: { replica_reads: Record<string, number> } }).database.replica_reads
        }),
      )
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
      return {
        outdated: sum(all.map(({ outdated = 0 }) => outdated)),
        served: sum(all.map(({ served = 0 }) => served)),
        all: sum(all.flatMap((each) => Object.values(each))),
      }
    },
  }
}
