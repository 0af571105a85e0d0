import { createDatabase } from '@extropy/db'
import { record } from '../../results.ts'
import { table } from '../../table.ts'
import type { HttpRequest } from '../http-request.ts'
import { type Server, startExtropy } from '../servers.ts'
import type { Suite } from '../suite.ts'
import { type Client, createClient } from './client.ts'
import { openPopulation, type Person, type Population } from './population.ts'
import { withCopy } from './with-copy.ts'

const readsOfAKind = 30

/** After a write by one user: how many answers about others, who have nothing to do with it, the cache has lost. */
export async function benchOverInvalidation({ data, port }: Suite): Promise<void> {
  await withCopy(data.url, async (url) => {
    const database = await createDatabase({ url })
    const population = await openPopulation(database, 1).finally(() => database.close())
    // Nothing may be gone for want of room.
    const env = { CACHE_MAX_ENTRIES: '100000' }
    const server = await startExtropy('Extropy', { databaseUrl: url, port, env })
    try {
      await measure(server, population)
    } finally {
      await server.close()
    }
  })
}

async function measure(server: Server, population: Population): Promise<void> {
  const client = createClient(server.url, 1)
  const key = population.adminKey
  try {
    const reads = Object.entries(unrelatedReads(population))
    if ((await lost(client, key, reads[0]?.[1] ?? [])) && (await lost(client, key, reads[0]?.[1] ?? []))) {
      process.stdout.write('\nOver-invalidation: left out, for this server has no cache.\n')
      return
    }
    const rows: string[][] = []
    for (const [kind, write] of Object.entries(writesOf(population))) {
      for (const [, paths] of reads) await lost(client, key, paths)
      const { status, json } = await client.send(write)
      if (status !== 200) throw new Error(`${kind} was refused: ${status} ${JSON.stringify(json)}`)
      const counts: number[] = []
      for (const [, paths] of reads) counts.push((await lost(client, key, paths)) / paths.length)
      rows.push([kind, ...counts.map((share) => `${Math.round(100 * share)} %`)])
      const value = (100 * counts.reduce((sum, share) => sum + share, 0)) / counts.length
      record({ suite: 'http', name: 'unrelated answers lost by a write', contender: kind, unit: '%', value })
    }
    process.stdout.write('\n### Answers lost by a write that has nothing to do with them\n')
    process.stdout.write(table(['', ...reads.map(([kind]) => kind)], rows))
  } finally {
    client.close()
  }
}

/** Asks for each, which fills the cache too; counts those that it did not have. */
async function lost(client: Client, key: string, paths: readonly string[]): Promise<number> {
  let count = 0
  for (const path of paths) {
    const { cache } = await client.send({ path, headers: { authorization: `Bearer ${key}` } })
    if (cache !== 'HIT') count++
  }
  return count
}

function unrelatedReads({ people, cards, otherUserIds }: Population): Record<string, string[]> {
  const [writer, other] = people
  const theirs = cards.filter(({ userId }) => userId !== writer?.id && userId !== other?.id).slice(0, readsOfAKind)
  const uninvolved = people.slice(2, 2 + readsOfAKind)
  return {
    'a card': theirs.map(({ id }) => `/api/cards/${id}`),
    'attributions of a card': theirs.map(({ id }) => `/api/attributions/${id}`),
    'a user': otherUserIds.slice(0, readsOfAKind).map((id) => `/api/users/${id}`),
    'cards of a user': uninvolved.map(({ id }) => `/api/cards?userId=${id}`),
    'a balance': uninvolved.map(({ id }) => `/api/tokens/balance/${id}`),
  }
}

/** All by the first of them; the second one is paid. */
function writesOf({ people, cards, attributed }: Population): Record<string, HttpRequest> {
  const [writer, other] = people as readonly [Person, Person, ...Person[]]
  const request = (method: 'POST' | 'PATCH', path: string, body: object): HttpRequest => ({
    method,
    path,
    headers: { authorization: `Bearer ${writer.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const [own] = cards.filter(({ userId }) => userId === writer.id)
  const cited = cards.find(({ id, userId }) => userId === other.id && !attributed.has(`${id} ${own?.id} reply`))
  const card = { title: 'New', body: 'New.', privacyLevel: 'IDEAS' }
  return {
    edit: request('PATCH', `/api/cards/${own?.id}`, { title: 'Edited' }),
    draft: request('POST', '/api/cards/drafts', card),
    publish: request('POST', '/api/cards', { cards: [card] }),
    rename: request('PATCH', `/api/users/${writer.id}`, { displayName: 'Renamed' }),
    transfer: request('POST', '/api/tokens/transfer', { toUserId: other.id, amount: '0.00000001' }),
    attribute: request('POST', '/api/attributions', { sourceCardId: cited?.id, targetCardId: own?.id, type: 'reply' }),
  }
}
