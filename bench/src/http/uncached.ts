import { isDeepStrictEqual } from 'node:util'
import { hasProgram } from '../bench-case.ts'
import { withDatabase } from '../databases.ts'
import { findGoal, type GoalName } from '../goals.ts'
import { pgbenchSelect } from '../pgbench.ts'
import { skip } from '../results.ts'
import { runTrial } from '../rounds.ts'
import { send, underHttpLoad } from './load.ts'
import { type Server, startExtropy, startPeer, withServers } from './servers.ts'
import { keyed, rpcPath, type Suite, unit } from './suite.ts'
import type { HttpRequest } from './wrk-script.ts'

const callers = 16

/** A read that all contenders send to the database each time, and its paths for each `subject`. */
interface UncachedCase {
  readonly name: string
  /** In the names of its goals. */
  readonly short: string
  readonly subjects: readonly string[]
  rest(subject: string): string
  rpc(subject: string): string
}

export async function benchUncached(suite: Suite): Promise<void> {
  const balance: UncachedCase = {
    name: 'uncached: a balance',
    short: 'balance',
    subjects: suite.userIds,
    rest: (userId) => `/api/tokens/balance/${userId}`,
    rpc: (userId) => rpcPath('tokens.balance', { userId }),
  }
  const list: UncachedCase = {
    name: 'uncached: 20 cards with their users',
    short: 'card list',
    subjects: [''],
    rest: () => '/api/cards?limit=20',
    rpc: () => rpcPath('cards.list', { limit: 20 }),
  }
  for (const each of suite.quick ? [list] : [balance, list]) await benchCase(suite, each)
}

const names = {
  rest: 'Extropy, REST',
  rpc: 'Extropy, /trpc',
  bare: 'bare Fastify',
  duties: 'Fastify with our duties',
  stock: 'stock tRPC + Kysely',
}

async function benchCase(suite: Suite, { name, short, subjects, rest, rpc }: UncachedCase): Promise<void> {
  const { url, key, quick } = suite
  const env = { DATABASE_URL: url }
  const servers = [
    () => startExtropy(names.rest, url),
    () => startPeer(names.bare, 'fastify', env),
    () => startPeer(names.duties, 'fastify-duties', env),
    ...(quick ? [] : [() => startExtropy(names.rpc, url), () => startPeer(names.stock, 'stock-trpc', env)]),
  ]
  await withServers(servers, async (servers) => {
    const headers = keyed(key, { fresh: true })
    const asked = servers.map((server) => {
      const isRpc = server.name === names.rpc || server.name === names.stock
      return { server, isRpc, requests: subjects.map((each) => ({ path: (isRpc ? rpc : rest)(each), headers })) }
    })
    for (const n of subjects.keys().take(10)) await assertSameRows(asked, n)
    const goal = (what: string) => [findGoal(`${short}, ${what}`)]
    await runTrial({
      ...suite,
      ...unit,
      name: `${name}, ${callers} callers`,
      contenders: asked.map(({ server, requests }) => underHttpLoad(server, requests, callers)),
      comparisons: [
        { of: names.rest, to: names.duties, goals: goal(`REST / ${names.duties}`) },
        { of: names.rest, to: names.bare, goals: goal(`REST / ${names.bare}`) },
        { of: names.rpc, to: names.stock, goals: goal(`/trpc / ${names.stock}`) },
        { of: names.duties, to: names.bare },
      ],
    })
  })
}

type Asked = readonly { readonly server: Server; readonly isRpc: boolean; readonly requests: readonly HttpRequest[] }[]

/** Before anything is timed: all contenders give the same rows for the n-th request. */
async function assertSameRows(asked: Asked, n: number): Promise<void> {
  const answers: { name: string; rows: unknown }[] = []
  for (const { server, isRpc, requests } of asked) {
    const { status, text } = await send(server.url, requests[n] as HttpRequest)
    if (status !== 200) throw new Error(`${server.name} answered ${status}: ${text.slice(0, 500)}`)
    const body = JSON.parse(text)
    answers.push({ name: server.name, rows: isRpc ? body.result.data : body })
  }
  const [first, ...others] = answers
  const different = others.find(({ rows }) => !isDeepStrictEqual(rows, first?.rows))
  if (different === undefined) return
  const both = [first, different].map((each) => `${each?.name}: ${JSON.stringify(each?.rows).slice(0, 600)}`)
  throw new Error(`they answer differently:\n${both.join('\n')}`)
}

/** The replaced service's slowest reads, uncached, beside pgbench's primary-key look-up on the same PostgreSQL. */
export async function benchAgainstPgbench(suite: Suite): Promise<void> {
  if (!hasProgram('pgbench')) return skip('reads against pgbench', 'pgbench is not installed')
  const { url, key, userIds, attributed } = suite
  const path = `/api/attributions/${attributed.cardId}`
  const reads: [name: string, goal: GoalName, paths: string[]][] = [
    [`attributions, 20 of a card's ${attributed.count}`, 'attributions of a card, a page of 20 / pgbench', [path]],
    [
      `attributions, 100 of a card's ${attributed.count}`,
      'attributions of a card, a page of 100 / pgbench',
      [`${path}?limit=100`],
    ],
    ['token statistics', 'token statistics / pgbench', userIds.map((id) => `/api/tokens/stats/${id}`)],
  ]
  await withDatabase(url, 'http_pgbench', async (pgbenchUrl) => {
    const pgbench = (await pgbenchSelect(pgbenchUrl))(callers)
    await withServers([() => startExtropy('Extropy', url)], async ([server]) => {
      if (server === undefined) return
      const headers = keyed(key, { fresh: true })
      const contenders = reads.map(([name, , paths]) => {
        const requests = paths.map((each) => ({ path: each, headers }))
        return underHttpLoad(server, requests, callers, { name })
      })
      await runTrial({
        ...suite,
        ...unit,
        name: `uncached, beside pgbench, ${callers} callers`,
        contenders: [pgbench, ...contenders],
        comparisons: reads.map(([of, goal]) => ({ of, to: pgbench.name, goals: [goal] })),
      })
    })
  })
}
