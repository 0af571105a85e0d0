import { type AttributionType, attributionTypes, type Database, hotRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, fromPlace, keysetPage, type Place, readPage } from '../keyset.ts'
import type { ListBacklinks, ListReceived } from './attributions.schema.ts'

/** The caller; null for the anonymous. Decides which unpublished cards may be named. */
type Viewer = { readonly viewerId: string | null }

const columns = [
  'attributions.id',
  'attributions.sourceCardId',
  'attributions.targetCardId',
  'attributions.sourceUserId',
  'attributions.type',
  'attributions.context',
  'attributions.excerpt',
  'attributions.tokensTransferred',
  'attributions.createdAt',
] as const

const backlinkKeyset = defineKeyset('attributions.backlinks', 'attributions.createdAt', 'attributions.id')
const madeKeyset = defineKeyset('attributions.made', 'attributions.createdAt', 'attributions.id')
const receivedKeyset = defineKeyset('attributions.received', 'attributions.createdAt', 'attributions.id')

const selectBacklinks = hotRead(
  'attributions.listBacklinks',
  (db, { cardId, viewerId, ...place }: { readonly cardId: string } & Viewer & Place) => {
    const query = selectWithTarget(db, viewerId).where('attributions.sourceCardId', '=', cardId)
    return fromPlace(query, backlinkKeyset, { ...place, rows: sql.lit(place.rows) })
  },
  { literals: ['rows'] },
)

const selectReceived = hotRead(
  'attributions.listReceived',
  (db, { userId, viewerId, ...place }: { readonly userId: string } & Viewer & Place) => {
    const query = selectWithTarget(db, viewerId).where('attributions.sourceUserId', '=', userId)
    return fromPlace(query, receivedKeyset, { ...place, rows: sql.lit(place.rows) })
  },
  { literals: ['rows'] },
)

/** The cards that cite, remix or answer a card, with titles and users' names, newest first: one query. */
export async function listBacklinks(
  db: Kysely<Database>,
  { cardId, viewerId, ...page }: z.output<typeof ListBacklinks> & Viewer,
) {
  return readPage(backlinkKeyset, page, (place) => selectBacklinks(db, { cardId, viewerId, ...place }))
}

/** The attributions that earned a user tokens, with the citing cards' titles and names, newest first. */
export async function listReceived(
  db: Kysely<Database>,
  { userId, viewerId, ...page }: z.output<typeof ListReceived> & Viewer,
) {
  return readPage(receivedKeyset, page, (place) => selectReceived(db, { userId, viewerId, ...place }))
}

/** The attributions that these cards made, newest first. */
export async function listMade(
  db: Kysely<Database>,
  { cardIds, ...page }: { readonly cardIds: readonly string[]; readonly limit: number; readonly cursor?: string },
) {
  const query = db
    .selectFrom('attributions')
    .select([...columns, 'attributions.targetUserId'])
    .where('attributions.targetCardId', 'in', cardIds)
  return keysetPage(query, madeKeyset, page)
}

/**
 * One attribution with both users' names. (In the lists above, the paid user is the same on every row.)
 *
 * @throws AppError not_found, also where the viewer may not see the citing card.
 */
export async function getAttribution(db: Kysely<Database>, { id, viewerId }: { id: string } & Viewer) {
  const attribution = await selectWithTarget(db, viewerId)
    .innerJoin('users as sourceUser', 'sourceUser.id', 'attributions.sourceUserId')
    .select(['sourceUser.username as sourceUsername', 'sourceUser.displayName as sourceDisplayName'])
    .where('attributions.id', '=', id)
    .executeTakeFirst()
  if (attribution !== undefined) return attribution
  throw new AppError('not_found', `There is no attribution with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such attribution' }],
  })
}

/**
 * How often a card is cited, remixed and answered, and the tokens earned by it, in one round trip. Where the viewer may
 * not see one of the two cards, nothing counts: a number would give it away.
 */
export async function countBacklinks(db: Kysely<Database>, { cardId, viewerId }: { cardId: string } & Viewer) {
  const rows = await db
    .selectFrom('attributions')
    .innerJoin('cards as target', 'target.id', 'attributions.targetCardId')
    .innerJoin('cards as source', 'source.id', 'attributions.sourceCardId')
    .select(({ fn }) => ['type', fn.countAll<string>().as('count'), fn.sum<string>('tokensTransferred').as('tokens')])
    .where('attributions.sourceCardId', '=', cardId)
    .where(visibleTo('target', viewerId))
    .where(visibleTo('source', viewerId))
    .groupBy('type')
    .execute()
  const none = { count: 0, tokens: '0.00000000' }
  const counts = Object.fromEntries(attributionTypes.map((type) => [type, none]))
  for (const { type, count, tokens } of rows) counts[type] = { count: Number(count), tokens }
  return counts as Record<AttributionType, { count: number; tokens: string }>
}

/** Attributions both of whose cards the viewer may see: published ones and their own. */
function selectWithTarget(db: Kysely<Database>, viewerId: string | null) {
  return db
    .selectFrom('attributions')
    .innerJoin('cards as target', 'target.id', 'attributions.targetCardId')
    .innerJoin('cards as source', 'source.id', 'attributions.sourceCardId')
    .innerJoin('users as targetUser', 'targetUser.id', 'attributions.targetUserId')
    .select([
      ...columns,
      'target.title as targetTitle',
      'targetUser.id as targetUserId',
      'targetUser.username as targetUsername',
      'targetUser.displayName as targetDisplayName',
    ])
    .where(visibleTo('target', viewerId))
    .where(visibleTo('source', viewerId))
}

function visibleTo(card: 'source' | 'target', viewerId: string | null) {
  return () => sql<boolean>`(${sql.ref(`${card}.isPublished`)} or ${sql.ref(`${card}.userId`)} = ${viewerId}::uuid)`
}
