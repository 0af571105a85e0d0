import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { http, reportSeries } from './comparison.ts'
import type { HttpData } from './data.ts'
import { rpcPath } from './doors.ts'
import { type HttpRequest, send } from './http-request.ts'
import { measureInTurns, underLoad } from './rounds.ts'
import { type Server, startExtropy, startPeer } from './servers.ts'
import type { Suite } from './suite.ts'

const callers = 32

interface CachedCase {
  readonly name: string
  readonly path: string
  /** Of bare node:http with the same bytes. */
  readonly atLeast: number
}

function cachedCases({ attributed, userIds }: HttpData): CachedCase[] {
  // What a page might ask for at once: five procedures, four of them with an input.
  const batch = {
    'cards.list': { limit: 20 },
    'users.list': {},
    'users.byId': { id: userIds[0] },
    'attributions.backlinks': { cardId: attributed.cardId },
    'authors.list': {},
  }
  const inputs = JSON.stringify(Object.fromEntries(Object.values(batch).map((input, at) => [at, input])))
  return [
    { name: 'cached: GET /api/cards?limit=20', path: '/api/cards?limit=20', atLeast: 0.8 },
    { name: 'cached: GET /trpc/cards.list', path: rpcPath('cards.list', { limit: 20 }), atLeast: 0.8 },
    {
      name: 'cached: a tRPC batch of five',
      path: `/trpc/${Object.keys(batch).join()}?batch=1&input=${encodeURIComponent(inputs)}`,
      atLeast: 0.5,
    },
  ]
}

/** Answers that the cache has, with a key sent, beside servers that do nothing but write the same bytes. */
export async function benchCached(suite: Suite): Promise<void> {
  const cases = cachedCases(suite.data)
  for (const each of suite.quick ? cases.slice(0, 1) : cases) await benchCachedCase(suite, each)
}

async function benchCachedCase(suite: Suite, { name, path, atLeast }: CachedCase): Promise<void> {
  const { data, tool, quick } = suite
  const request: HttpRequest = { path, headers: { Authorization: `Bearer ${data.key}` } }
  const extropy = await startExtropy('Extropy', { databaseUrl: data.url, port: suite.port })
  const folder = await mkdtemp(join(tmpdir(), 'extropy-bench-'))
  const servers: Server[] = [extropy]
  try {
    await send(extropy.url, request)
    const { status, headers, text } = await send(extropy.url, request)
    if (status !== 200) throw new Error(`Extropy answered ${status}: ${text.slice(0, 500)}`)
    const bytes = Buffer.byteLength(text)
    const file = join(folder, 'answer')
    await writeFile(file, text)
    const peerEnv = { ANSWER_FILE: file, ANSWER_TYPE: headers.get('content-type') ?? 'application/json' }
    const bare = await startPeer('bare node:http', 'bare-node', peerEnv)
    servers.push(bare)
    if (!quick) servers.push(await startPeer('Hono, constant bytes', 'hono', peerEnv))
    for (const server of servers) {
      if ((await send(server.url, request)).text !== text) throw new Error(`${server.name} answers with other bytes`)
    }
    const cacheSays = headers.get('x-cache')
    const entries = servers.map((server) => underLoad(tool, server, [request], { callers, isLimit: server === bare }))
    reportSeries(
      http,
      `${name}, ${callers} connections`,
      await measureInTurns(entries, suite),
      servers
        .filter((server) => server !== bare)
        .map(({ name: of }) => ({
          of,
          to: bare.name,
          ...(of === extropy.name ? { atLeast } : {}),
        })),
    )
    process.stdout.write(
      `${bytes} bytes; X-Cache of the second answer: ${cacheSays ?? 'none, this server has no cache'}\n`,
    )
  } finally {
    for (const server of servers) await server.close()
    await rm(folder, { recursive: true })
  }
}
