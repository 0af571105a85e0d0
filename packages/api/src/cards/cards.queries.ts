import { type Database, hotRead } from '@extropy/db'
import { type ExpressionBuilder, type JoinBuilder, type Kysely, type NotNull, sql } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, fromPlace, keysetPage, type Place, readPage } from '../keyset.ts'
import { readSearch } from './card-words.ts'
import type { ListOwnCards, ListPublishedCards } from './cards.schema.ts'

const cardColumns = [
  'cards.id',
  'cards.userId',
  'cards.title',
  'cards.body',
  'cards.tags',
  'cards.category',
  'cards.contentId',
  'cards.slug',
  'cards.publishedAt',
  'cards.createdAt',
] as const

const ownColumns = [...cardColumns, 'cards.privacyLevel', 'cards.isPublished', 'cards.updatedAt'] as const

/** With `visibleParent`: null where the viewer may not see the parent, as where there is none. */
const parentId = 'parent.id as parentCardId'

type CardsAndParent = Database & { parent: Database['cards'] }

/** Joins a card's parent where it is published, or the viewer's own. */
function visibleParent(viewerId: string | null) {
  return (join: JoinBuilder<CardsAndParent, 'cards' | 'parent'>) => {
    const parent = join.onRef('parent.id', '=', 'cards.parentCardId')
    const isPublished = sql.lit(true)
    return viewerId === null
      ? parent.on('parent.isPublished', '=', isPublished)
      : parent.on(({ eb, or }) => or([eb('parent.isPublished', '=', isPublished), eb('parent.userId', '=', viewerId)]))
  }
}

/** The columns of a card that a write returns to its owner. */
export const returnedCard = [
  ...ownColumns,
  ({ selectFrom }: ExpressionBuilder<Database, 'cards'>) =>
    selectFrom('cards as parent')
      .select('parent.id')
      .whereRef('parent.id', '=', 'cards.parentCardId')
      .where(({ eb, or, ref }) =>
        or([eb('parent.isPublished', '=', true), eb('parent.userId', '=', ref('cards.userId'))]),
      )
      .as('parentCardId'),
] as const

const byPublication = defineKeyset('cards.published', 'cards.publishedAt', 'cards.id')
const byCreation = defineKeyset('cards.own', 'cards.createdAt', 'cards.id')

const selectCard = hotRead('cards.getCard', (db, input: { id: string; viewerId: string | null }) =>
  db
    .selectFrom('cards')
    .innerJoin('users', 'users.id', 'cards.userId')
    .leftJoin('cards as parent', visibleParent(input.viewerId))
    .select([...ownColumns, parentId, 'users.username', 'users.displayName'])
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
    issues: [{ field, message: 'no such card' }],
  })
}

type PublishedFilters = Omit<z.output<typeof ListPublishedCards>, 'limit' | 'cursor' | 'search'> & {
  readonly pieces?: readonly string[]
}

const selectPublished = hotRead(
  'cards.listPublishedCards',
  (db, input: PublishedFilters & Place) => {
    const { userId, category, tag, contentId, parentCardId, pieces, ...place } = input
    let query = db
      .selectFrom('cards')
      .innerJoin('users', 'users.id', 'cards.userId')
      .leftJoin('cards as parent', visibleParent(null))
      .select([...cardColumns, parentId, 'users.username', 'users.displayName'])
      // A literal, not a parameter: the planner must see that the partial indexes fit.
      .where('cards.isPublished', '=', sql.lit(true))
    if (userId !== undefined) query = query.where('cards.userId', '=', userId)
    if (category !== undefined) query = query.where('cards.category', '=', category)
    if (tag !== undefined) query = query.where('cards.tags', '@>', sql<string[]>`array[${tag}]::text[]`)
    if (contentId !== undefined) query = query.where('cards.contentId', '=', contentId)
    if (parentCardId !== undefined) {
      query = query.where('cards.parentCardId', '=', parentCardId).where('parent.id', 'is not', null)
    }
    if (pieces !== undefined) {
      query = query.where('cards.searchVector', '@@', sql<string>`extropy_search('english', ${pieces}::text[])`)
    }
    return (
      fromPlace(query, byPublication, { ...place, rows: sql.lit(place.rows) })
        // `isPublished` holds, so there is a time: the table's own check.
        .$narrowType<{ publishedAt: NotNull }>()
    )
  },
  { literals: ['rows'] },
)

/** Published cards with their users' names, newest first. Filters may be combined; all of them must match. */
export async function listPublishedCards(
  db: Kysely<Database>,
  { limit, cursor, search, ...filters }: z.output<typeof ListPublishedCards>,
) {
  const pieces = search === undefined ? {} : { pieces: readSearch(search) }
  return readPage(byPublication, { limit, cursor }, (place) => selectPublished(db, { ...filters, ...pieces, ...place }))
}

/** Everything that a user wrote, drafts and private cards too, newest first: for that user alone. */
export async function listOwnCards(
  db: Kysely<Database>,
  { userId, ...page }: z.output<typeof ListOwnCards> & { userId: string },
) {
  const query = db
    .selectFrom('cards')
    .leftJoin('cards as parent', visibleParent(userId))
    .select([...ownColumns, parentId])
    .where('cards.userId', '=', userId)
  return keysetPage(query, byCreation, page)
}

/** Counts a user's cards, in one round trip. Others may see `published` only. */
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
