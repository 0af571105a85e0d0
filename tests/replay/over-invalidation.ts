import { type Client, createClient, type Request } from './client.ts'
import type { Person, Population } from './population.ts'

const readsOfAKind = 30

export interface Losses {
  /** The read. */
  readonly kinds: readonly string[]
  /** For each write, the share of each kind's answers that the cache has lost, in per cent. */
  readonly byWrite: ReadonlyMap<string, readonly number[]>
}

/** Measures how many unrelated answers about others the cache has lost after a write by one user. */
export async function measureOverInvalidation(baseUrl: string, population: Population): Promise<Losses> {
  const client = createClient(baseUrl, 1)
  const reads = unrelatedReads(population)
  const byWrite = new Map<string, number[]>()
  const lost = (paths: readonly string[]) => countLost(client, population.adminKey, paths)
  try {
    for (const [kind, { by, request }] of Object.entries(writesOf(population))) {
      for (const paths of Object.values(reads)) await lost(paths)
      const { status, json } = await client.send(request, by.key)
      if (status !== 200) throw new Error(`${kind} was refused: ${status} ${JSON.stringify(json)}`)
      const shares: number[] = []
      for (const paths of Object.values(reads)) shares.push((100 * (await lost(paths))) / paths.length)
      byWrite.set(kind, shares)
    }
    return { kinds: Object.keys(reads), byWrite }
  } finally {
    client.close()
  }
}

/** Asks for each, which fills the cache too; counts those that it did not have. */
async function countLost(client: Client, key: string, paths: readonly string[]): Promise<number> {
  let count = 0
  for (const path of paths) {
    if ((await client.send({ path }, key)).cache !== 'HIT') count++
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
function writesOf({ people, cards, attributed }: Population): Record<string, { by: Person; request: Request }> {
  const [by, other] = people as readonly [Person, Person, ...Person[]]
  const write = (method: 'POST' | 'PATCH', path: string, body: object) => {
    return { by, request: { method, path, body: JSON.stringify(body) } }
  }
  const own = cards.find(({ userId }) => userId === by.id)
  const cited = cards.find(({ id, userId }) => userId === other.id && !attributed.has(`${id} ${own?.id} reply`))
  const card = { title: 'New', body: 'New.', privacyLevel: 'IDEAS' }
  return {
    edit: write('PATCH', `/api/cards/${own?.id}`, { title: 'Edited' }),
    draft: write('POST', '/api/cards/drafts', card),
    publish: write('POST', '/api/cards', { cards: [card] }),
    rename: write('PATCH', `/api/users/${by.id}`, { displayName: 'Renamed' }),
    transfer: write('POST', '/api/tokens/transfer', { toUserId: other.id, amount: '0.00000001' }),
    attribute: write('POST', '/api/attributions', { sourceCardId: cited?.id, targetCardId: own?.id, type: 'reply' }),
  }
}
