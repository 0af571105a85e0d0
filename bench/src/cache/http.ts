import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { quantile } from '../quantiles.ts'
import { recordRounds } from '../ratio.ts'
import { table } from '../table.ts'

type Kind = (typeof KINDS)[number]
const KINDS = ['bare', 'cached', 'middleware', 'hono'] as const
const NAMES = {
  bare: 'bare node:http, constant bytes',
  cached: '@extropy/cache/hono, hit',
  middleware: 'Hono, constant bytes, an empty middleware',
  hono: 'Hono, constant bytes, no middleware',
}

interface Server {
  readonly kind: Kind
  readonly child: ChildProcess
  readonly url: string
  readonly bytes: number
  readonly perSecond: number[]
  readonly cpuMicros: number[]
  readonly p99Ms: number[]
}

interface HttpRounds {
  /** Default: all. `bare` is what the others are measured against. */
  readonly kinds?: readonly Kind[]
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** A hit over HTTP against a server that does nothing but write the same bytes. Server, load and this: a process each. */
export async function benchHttp({ kinds = KINDS, rounds, seconds, warmUpSeconds }: HttpRounds): Promise<void> {
  const servers = await Promise.all(kinds.map(start))
  const generator = fork(new URL('./http-load.ts', import.meta.url))
  // Until the compiler is done with them.
  for (const { url } of servers) await load(generator, url, warmUpSeconds)
  for (let round = 0; round < rounds; round += 1) {
    // Each begins at another place in each round: what a neighbour does to the machine hits all of them alike.
    for (let i = 0; i < servers.length; i += 1) {
      const server = servers[(round + i) % servers.length]
      if (server !== undefined) await measure(generator, server, seconds)
    }
  }
  const [bare, cached] = servers
  const median = (samples: readonly number[] = []): number => quantile(samples, 0.5)
  process.stdout.write(
    `\n### HTTP, a JSON body of ${bare?.bytes} bytes, 32 connections, medians of ${rounds} alternating rounds of ${seconds} s\n`,
  )
  const rows = servers.map(({ kind, perSecond, cpuMicros, p99Ms }) => [
    NAMES[kind],
    median(perSecond).toFixed(0),
    median(cpuMicros).toFixed(1),
    median(p99Ms).toFixed(1),
  ])
  process.stdout.write(table(['', 'requests/s', 'CPU µs/request', 'p99 ms'], rows))
  const ratios = bare?.perSecond.map((each, i) => (cached?.perSecond[i] ?? 0) / each)
  process.stdout.write(
    `hit / bare, by requests/s: ${(median(cached?.perSecond) / median(bare?.perSecond)).toFixed(2)}, median of the rounds' own ratios ${median(ratios).toFixed(2)} (at least 0.85)\n`,
  )
  process.stdout.write(
    `hit / bare, by the server's CPU time: ${(median(bare?.cpuMicros) / median(cached?.cpuMicros)).toFixed(2)}\n`,
  )
  for (const { kind, perSecond } of servers) {
    recordRounds({
      suite: 'cache',
      name: `HTTP, a JSON body of ${bare?.bytes} bytes`,
      contender: NAMES[kind],
      unit: 'requests/s',
      rounds: perSecond,
      limit: kind === 'bare',
      against: kind === 'bare' ? undefined : { contender: NAMES.bare, rounds: bare?.perSecond ?? [] },
    })
  }
  for (const { child } of [...servers, { child: generator }]) child.disconnect()
}

async function start(kind: Server['kind']): Promise<Server> {
  const child = fork(new URL('./http-server.ts', import.meta.url), [kind])
  const [{ port, bytes }] = (await once(child, 'message')) as [{ port: number; bytes: number }]
  return { kind, child, url: `http://127.0.0.1:${port}/api/cards`, bytes, perSecond: [], cpuMicros: [], p99Ms: [] }
}

async function measure(
  generator: ChildProcess,
  { child, url, perSecond, cpuMicros, p99Ms }: Server,
  seconds: number,
): Promise<void> {
  const before = await usage(child)
  const { requests, seconds: took, p99Ms: p99, failed } = await load(generator, url, seconds)
  if (failed > 0) throw new Error(`${failed} requests of ${url} failed`)
  perSecond.push(requests / took)
  cpuMicros.push(((await usage(child)) - before) / requests)
  p99Ms.push(p99)
}

async function usage(child: ChildProcess): Promise<number> {
  child.send('usage')
  const [{ usage: used }] = (await once(child, 'message')) as [{ usage: NodeJS.CpuUsage }]
  return used.user + used.system
}

async function load(
  generator: ChildProcess,
  url: string,
  seconds: number,
): Promise<{ requests: number; seconds: number; p99Ms: number; failed: number }> {
  generator.send({ url, seconds })
  const ended = once(generator, 'exit').then(([status]) => {
    throw new Error(`the load generator ended with ${status}`)
  })
  const [result] = await Promise.race([once(generator, 'message'), ended])
  return result
}
