import { type Database, hotRead } from '@extropy/db'
import { type Kysely, type NotNull, sql } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineCursor, timestampKey, toPage } from '../pagination.ts'
import type { ListOwnCards, ListPublishedCards } from './cards.schema.ts'

const cardColumns = [
  'cards.id',
  'cards.userId',
  'cards.title',
  'cards.body',
  'cards.tags',
  'cards.category',
  'cards.contentId',
  'cards.parentCardId',
  'cards.slug',
  'cards.publishedAt',
  'cards.createdAt',
] as const

const ownColumns = [...cardColumns, 'cards.privacyLevel', 'cards.isPublished', 'cards.updatedAt'] as const

const publishedCursor = defineCursor('cards.published', [timestampKey, z.uuid()])
const ownCursor = defineCursor('cards.own', [timestampKey, z.uuid()])

const selectCard = hotRead('cards.getCard', (db, input: { id: string; viewerId: string | null }) =>
  db
    .selectFrom('cards')
    .innerJoin('users', 'users.id', 'cards.userId')
    .select([...ownColumns, 'users.username', 'users.displayName'])
    .where('cards.id', '=', input.id)
    .where(({ eb, or }) => or([eb('cards.isPublished', '=', sql.lit(true)), eb('cards.userId', '=', input.viewerId)])),
)

/**
 * A published card, or the viewer's own. Anyone else's unpublished card is not found, exactly as one that is not there.
 *
 * @throws AppError not_found
 */
export async function getCard(db: Kysely<Database>, input: { id: string; viewerId: string | null }, field = 'id') {
  const [card] = await selectCard(db, input)
  if (card !== undefined) return card
  throw new AppError('not_found', `There is no card with the id ${input.id}.`, {
    issues: [{ field, message: 'names no card' }],
  })
}

type PublishedFilters = Omit<z.output<typeof ListPublishedCards>, 'limit' | 'cursor'>
/** Where the page begins: after this card of the one before it. */
type After = { readonly afterTime?: string; readonly afterId?: string }

const selectPublished = hotRead(
  'cards.listPublishedCards',
  (db, input: PublishedFilters & After & { readonly rows: number }) => {
    const { userId, category, tag, contentId, parentCardId, search, afterTime, afterId } = input
    let query = db
      .selectFrom('cards')
      .innerJoin('users', 'users.id', 'cards.userId')
      .select([...cardColumns, 'users.username', 'users.displayName'])
      // A literal, not a parameter: the planner must see that the partial indexes fit.
      .where('cards.isPublished', '=', sql.lit(true))
    if (userId !== undefined) query = query.where('cards.userId', '=', userId)
    if (category !== undefined) query = query.where('cards.category', '=', category)
    if (tag !== undefined) query = query.where('cards.tags', '@>', sql<string[]>`array[${tag}]::text[]`)
    if (contentId !== undefined) query = query.where('cards.contentId', '=', contentId)
    if (parentCardId !== undefined) query = query.where('cards.parentCardId', '=', parentCardId)
    if (search !== undefined) {
      query = query.where('cards.searchVector', '@@', sql<string>`websearch_to_tsquery('english', ${search})`)
    }
    if (afterTime !== undefined && afterId !== undefined) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('cards.publishedAt', 'cards.id'), '<', tuple(afterTime, afterId)),
      )
    }
    return (
      query
        .orderBy('cards.publishedAt', 'desc')
        .orderBy('cards.id', 'desc')
        .limit(sql.lit(input.rows))
        // `isPublished` holds, so there is a time: the table's own check.
        .$narrowType<{ publishedAt: NotNull }>()
    )
  },
  { literals: ['rows'] },
)

/** Published cards with their users' names, newest first. Filters may be combined; all of them must match. */
export async function listPublishedCards(
  db: Kysely<Database>,
  { limit, cursor, ...filters }: z.output<typeof ListPublishedCards>,
) {
  const [afterTime, afterId] = cursor === undefined ? [] : publishedCursor.decode(cursor)
  const after = afterTime === undefined || afterId === undefined ? {} : { afterTime, afterId }
  const rows = await selectPublished(db, { ...filters, ...after, rows: limit + 1 })
  return toPage(rows, limit, (row) => publishedCursor.encode([row.publishedAt, row.id]))
}

/** Everything that a user wrote, drafts and private cards too, newest first: for that user alone. */
export async function listOwnCards(
  db: Kysely<Database>,
  { userId, limit, cursor }: z.output<typeof ListOwnCards> & { userId: string },
) {
  let query = db.selectFrom('cards').select(ownColumns).where('userId', '=', userId)
  if (cursor !== undefined) {
    const [createdAt, id] = ownCursor.decode(cursor)
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('createdAt', 'id'), '<', tuple(createdAt, id)))
  }
  const rows = await query
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => ownCursor.encode([row.createdAt, row.id]))
}

/** How many cards a user has, in one round trip. Only `published` is for others to see. */
export async function countCards(db: Kysely<Database>, userId: string) {
  const counts = await db
    .selectFrom('cards')
    .select(({ fn }) => [
      fn.countAll<string>().as('total'),
      fn.countAll<string>().filterWhere('isPublished', '=', sql.lit(true)).as('published'),
    ])
    .where('userId', '=', userId)
    .executeTakeFirstOrThrow()
  return { total: Number(counts.total), published: Number(counts.published) }
}
