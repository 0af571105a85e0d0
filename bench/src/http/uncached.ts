import { type Comparison, http, reportSeries } from './comparison.ts'
import { assertSameRows, balanceDoors, cardListDoors, type Door, type Doors } from './doors.ts'
import type { HttpRequest } from './http-request.ts'
import { measureInTurns, underLoad } from './rounds.ts'
import { type Server, startExtropy, startPeer } from './servers.ts'
import type { Suite } from './suite.ts'

const callers = 16
/** Of every peer: what Extropy keeps open. With pg's default of 10 they were no faster. */
const poolSize = 20

interface UncachedCase {
  readonly name: string
  readonly doors: Doors
  readonly subjects: readonly string[]
  /** Of Fastify over `pg`, through REST. */
  readonly atLeast: number
}

/** Answers that the database is asked for, each time, by everyone. */
export async function benchUncached(suite: Suite): Promise<void> {
  const { userIds } = suite.data
  const list = { name: 'uncached: 20 cards with their users', doors: cardListDoors, subjects: [''], atLeast: 0.9 }
  if (!suite.quick) {
    await benchUncachedCase(suite, {
      name: 'uncached: a balance',
      doors: balanceDoors,
      subjects: userIds,
      atLeast: 0.8,
    })
  }
  await benchUncachedCase(suite, list)
}

const names = {
  rest: 'Extropy, REST',
  rpc: 'Extropy, /trpc',
  fastify: 'Fastify + pg',
  stock: 'stock tRPC + Kysely',
  graphile: 'PostGraphile 5',
}

const comparisons = (atLeast: number): Comparison[] => [
  { of: names.rest, to: names.fastify, atLeast },
  { of: names.rpc, to: names.stock, atLeast: 1.5 },
  { of: names.graphile, to: names.fastify },
]

async function benchUncachedCase(suite: Suite, { name, doors, subjects, atLeast }: UncachedCase): Promise<void> {
  const { data, tool, quick, port } = suite
  const env = { DATABASE_URL: data.url, POOL_SIZE: String(poolSize) }
  const asked: { server: Server; door: Door }[] = []
  const add = async (starting: Promise<Server>, door: Door) => asked.push({ server: await starting, door })
  try {
    await add(startExtropy(names.rest, { databaseUrl: data.url, port }), doors.rest)
    await add(startPeer(names.fastify, 'fastify', env), doors.rest)
    if (!quick) {
      await add(startExtropy(names.rpc, { databaseUrl: data.url }), doors.rpc)
      await add(startPeer(names.stock, 'stock-trpc', env), doors.rpc)
      await add(startPeer(names.graphile, 'postgraphile', env), doors.graphql)
    }
    const dress = ({ name: server }: Server, request: HttpRequest): HttpRequest =>
      server === names.rest || server === names.rpc ? asFresh(request, data.key) : request
    await assertSameRows(asked, subjects.slice(0, 10), dress)
    const entries = asked.map(({ server, door }) =>
      underLoad(
        tool,
        server,
        subjects.map((subject) => dress(server, door.request(subject))),
        { callers },
      ),
    )
    reportSeries(http, `${name}, ${callers} callers`, await measureInTurns(entries, suite), comparisons(atLeast))
  } finally {
    for (const { server } of asked) await server.close()
  }
}

/** Extropy reads the key and answers from the database, not from its cache. */
export function asFresh(request: HttpRequest, key: string): HttpRequest {
  return { ...request, headers: { ...request.headers, Authorization: `Bearer ${key}`, 'Cache-Control': 'no-cache' } }
}
