import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolder } from '../databases.ts'
import { findGoal } from '../goals.ts'
import { runTrial } from '../rounds.ts'
import { send, underHttpLoad } from './load.ts'
import { startExtropy, startPeer, withServers } from './servers.ts'
import { keyed, rpcPath, type Suite, unit } from './suite.ts'

const callers = 32

/** Answers that the cache has, with a key sent, beside servers that have the same bytes in memory. */
export async function benchCached(suite: Suite): Promise<void> {
  const list = '/api/cards?limit=20'
  await benchCase(suite, 'GET /api/cards', list)
  if (!suite.quick) {
    await benchCase(suite, 'GET /trpc/cards.list', rpcPath('cards.list', { limit: 20 }))
    await benchCase(suite, 'batch of five', batchOfFive(suite))
  }
  await benchFastPath(suite, list)
}

/** One page's batch: five procedures, four of them with an input. */
function batchOfFive({ attributed, userIds }: Suite): string {
  const batch = {
    'cards.list': { limit: 20 },
    'users.list': {},
    'users.byId': { id: userIds[0] },
    'attributions.backlinks': { cardId: attributed.cardId },
    'authors.list': {},
  }
  const inputs = JSON.stringify(Object.fromEntries(Object.values(batch).map((input, at) => [at, input])))
  return `/trpc/${Object.keys(batch).join()}?batch=1&input=${encodeURIComponent(inputs)}`
}

const names = {
  extropy: 'Extropy',
  logging: 'Extropy, a log line for each hit',
  bare: 'bare node:http',
  duties: 'Fastify with our duties',
}

async function benchCase(suite: Suite, what: string, path: string): Promise<void> {
  const { url, key } = suite
  const request = { path, headers: keyed(key) }
  await withFolder((folder) => {
    const file = join(folder, 'answer')
    const env = { DATABASE_URL: url, ANSWER_FILE: file, ANSWER_TYPE: 'application/json' }
    const extropy = async () => {
      const server = await startExtropy(names.extropy, url)
      await send(server.url, request)
      const { status, headers, text } = await send(server.url, request)
      if (status !== 200 || headers.get('x-cache') !== 'HIT')
        throw new Error(`Extropy answered ${status}, X-Cache ${headers.get('x-cache')}: ${text.slice(0, 500)}`)
      await writeFile(file, text)
      return server
    }
    const peers = [
      () => startPeer(names.bare, 'bare-node', env),
      () => startPeer(names.duties, 'fastify-duties', env),
      // By default it logs no hit, but the peer logs every request.
      () => startExtropy(names.logging, url, { LOG_LEVEL: 'debug' }),
    ]
    return withServers([extropy, ...peers], async (servers) => {
      const texts = []
      for (const server of servers) {
        await send(server.url, request)
        texts.push((await send(server.url, request)).text)
      }
      if (new Set(texts).size > 1) throw new Error(`${what}: the servers answer with different bytes`)
      await runTrial({
        ...suite,
        ...unit,
        name: `cached: ${what}, ${callers} connections`,
        contenders: servers.map((server) =>
          underHttpLoad(server, [request], callers, { isLimit: server.name === names.bare }),
        ),
        comparisons: [
          { of: names.extropy, to: names.bare, goals: [findGoal(`cached ${what} / ${names.bare}`)] },
          { of: names.logging, to: names.duties, goals: [findGoal(`cached ${what} / ${names.duties}`)] },
          { of: names.duties, to: names.bare },
        ],
      })
      process.stdout.write(`${Buffer.byteLength(texts[0] ?? '')} bytes\n`)
    })
  })
}

/** The fast path leaves a request with this header to the application, which looks at it under /trpc only. */
const notFast = { 'trpc-accept': 'application/jsonl' }

/** The same hit of the same server, on the fast path and through Hono. */
async function benchFastPath(suite: Suite, path: string): Promise<void> {
  const headers = keyed(suite.key)
  await withServers([() => startExtropy(names.extropy, suite.url)], async ([server]) => {
    if (server === undefined) return
    const viaHono = { path, headers: { ...headers, ...notFast } }
    await send(server.url, viaHono)
    const answer = await send(server.url, viaHono)
    if (answer.headers.get('x-cache') !== 'HIT' || !answer.headers.get('server-timing')?.includes('auth;'))
      throw new Error('this request was no hit through Hono')
    const [fast, slow] = ['on the fast path', 'through Hono']
    await runTrial({
      ...suite,
      ...unit,
      name: `the same hit, ${callers} connections`,
      contenders: [
        underHttpLoad(server, [{ path, headers }], callers, { name: fast }),
        underHttpLoad(server, [viaHono], callers, { name: slow }),
      ],
      comparisons: [{ of: fast, to: slow, goals: ['the same hit: fast path / through Hono'] }],
    })
  })
}
