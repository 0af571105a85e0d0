import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { listApiKeys } from '../api-keys/api-keys.queries.ts'
import { listMade, listReceived } from '../attributions/attributions.queries.ts'
import { listAuditLog } from '../audit/audit.queries.ts'
import { listOwnCards } from '../cards/cards.queries.ts'
import { countedLines } from '../counted-lines.ts'
import { listWholeSessions } from '../research-sessions/research-sessions.queries.ts'
import { getTokenStats, listLedger } from '../tokens/tokens.queries.ts'
import { getUserWithEmail } from '../users/users.queries.ts'
import type { ArchiveLine } from './archive.schema.ts'

/** A card may have 100,000 characters: a page of such cards is 10 MB. */
const limit = 100

/**
 * A user's archive, line by line, a page in memory at a time. The pages are read one after the other, as the caller takes
 * them, so that a slow caller holds no transaction open: what is written meanwhile may be in it, or not.
 *
 * @throws AppError not_found
 */
export async function archiveUser(db: Kysely<Database>, userId: string): Promise<AsyncGenerator<ArchiveLine>> {
  const [user, tokens] = await Promise.all([getUserWithEmail(db, userId), getTokenStats(db, userId)])
  return countedLines(archiveLines(db, { type: 'user', user, tokens }), () => ({}))
}

async function* archiveLines(
  db: Kysely<Database>,
  account: Extract<ArchiveLine, { type: 'user' }>,
): AsyncGenerator<Exclude<ArchiveLine, { type: 'done' }>> {
  yield account
  const userId = account.user.id
  for await (const key of each((page) => listApiKeys(db, { userId, ...page }))) yield { type: 'key', key }
  for await (const cards of pages((page) => listOwnCards(db, { userId, ...page }))) {
    for (const card of cards) yield { type: 'card', card }
    const cardIds = cards.map(({ id }) => id)
    if (cardIds.length === 0) continue
    const made = each((page) => listMade(db, { cardIds, ...page }))
    for await (const attribution of made) yield { type: 'attributionMade', attribution }
  }
  const received = each((page) => listReceived(db, { userId, viewerId: userId, ...page }))
  for await (const attribution of received) yield { type: 'attributionReceived', attribution }
  for await (const movement of each((page) => listLedger(db, { userId, ...page }))) yield { type: 'movement', movement }
  const sessions = each((page) => listWholeSessions(db, { userId, ...page }))
  for await (const researchSession of sessions) yield { type: 'researchSession', researchSession }
  const acts = each((page) => listAuditLog(db, { actorUserId: userId, ...page }))
  for await (const act of acts) yield { type: 'act', act }
}

type ReadPage<Item> = (page: {
  limit: number
  cursor?: string
}) => Promise<{ items: Item[]; nextCursor: string | null }>

async function* pages<Item>(read: ReadPage<Item>): AsyncGenerator<Item[]> {
  let page = await read({ limit })
  yield page.items
  while (page.nextCursor !== null) {
    page = await read({ limit, cursor: page.nextCursor })
    yield page.items
  }
}

async function* each<Item>(read: ReadPage<Item>): AsyncGenerator<Item> {
  for await (const items of pages(read)) yield* items
}
