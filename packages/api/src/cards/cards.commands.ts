import { type Database, rawRead, sqlState, sqlStates, withCascadesDone } from '@extropy/db'
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { dropOpen } from '../proposals/drop-open.ts'
import { enqueueProposals } from '../proposals/propose.job.ts'
import { inTransaction } from '../transaction.ts'
import { cardWords } from './card-words.ts'
import { returnedCard } from './cards.queries.ts'
import type { EditCard, NewCard } from './cards.schema.ts'
import { slugOf, withSuffix } from './slug.ts'

type Writer = Kysely<Database> | Transaction<Database>

/** A draft. @throws AppError not_found (parentCardId, contentId) */
export async function insertCard(db: Writer, userId: string, card: z.output<typeof NewCard>) {
  await assertParentIsVisible(db, userId, card.parentCardId)
  const slug = slugOf(card.title)
  for (let attempt = 0; ; attempt++) {
    const stored = await db
      .insertInto('cards')
      .values({ ...card, userId, searchVector: cardWords(card), slug: attempt === 0 ? slug : withSuffix(slug) })
      .onConflict((conflict) => conflict.columns(['userId', 'slug']).doNothing())
      .returning(returnedCard)
      .executeTakeFirst()
      .catch(explainReference)
    if (stored !== undefined) return stored
  }
}

/** @throws AppError not_found, conflict (a published card made private) */
export async function updateCard(db: Kysely<Database>, userId: string, { id, ...changes }: z.output<typeof EditCard>) {
  if (changes.parentCardId === id) throw fieldError('invalid_input', 'parentCardId', 'is the card itself')
  await assertParentIsVisible(db, userId, changes.parentCardId)
  const { title, body } = changes
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const update = (slug: RawBuilder<string> | undefined) =>
    inTransaction(db, async (trx) => {
      const words =
        title === undefined && body === undefined ? {} : await newWords(trx, { id, userId }, { title, body })
      const card = await trx
        .updateTable('cards')
        .set({ ...given, ...words, ...(slug === undefined ? {} : { slug }), updatedAt: sql<string>`now()` })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returning(returnedCard)
        .executeTakeFirst()
      const hasNewText = title !== undefined || body !== undefined
      if (card?.isPublished && hasNewText) {
        await dropOpen(trx, id)
        await enqueueProposals(trx, [id])
      }
      return card
    })
  const updated = await update(title === undefined ? undefined : newSlug(title))
    .catch((error: unknown) => {
      // Another card has taken the slug since it was looked for.
      if (title === undefined || (error as { constraint?: string }).constraint !== slugKey) throw error
      return update(newSlug(title, withSuffix(slugOf(title))))
    })
    .catch(explainReference)
  return updated ?? noCardOfYours('id')
}

/** The words of the card's text after the edit: the card is locked, so that nobody changes the other half meanwhile. */
async function newWords(
  trx: Transaction<Database>,
  card: { readonly id: string; readonly userId: string },
  { title, body }: { readonly title: string | undefined; readonly body: string | undefined },
) {
  const before = await trx
    .selectFrom('cards')
    .select(['title', 'body'])
    .where('id', '=', card.id)
    .where('userId', '=', card.userId)
    .forUpdate()
    .executeTakeFirst()
  if (before === undefined) noCardOfYours('id')
  return { searchVector: cardWords({ title: title ?? before.title, body: body ?? before.body }) }
}

const slugKey = 'cards_user_id_slug_key'

/** A draft's slug follows its title, or a title that was only ever private would be read from it; an address stays. */
function newSlug(title: string, slug = slugOf(title)) {
  return rawRead(
    ['cards'],
    sql<string>`
    case when published_at is not null then slug
         when exists (select from cards as other
                      where other.user_id = cards.user_id and other.slug = ${slug} and other.id <> cards.id)
         then ${withSuffix(slugOf(title))} else ${slug} end`,
  )
}

/** The card stays its owner's, with the time of its first publication: its reward is not paid twice. */
export function unpublishCard(db: Kysely<Database>, userId: string, id: string) {
  return inTransaction(db, async (trx) => {
    const updated = await trx
      .updateTable('cards')
      .set({ isPublished: false, updatedAt: sql<string>`now()` })
      .where('id', '=', id)
      .where('userId', '=', userId)
      .returning(returnedCard)
      .executeTakeFirst()
    if (updated === undefined) noCardOfYours('id')
    await dropOpen(trx, id)
    return updated
  })
}

/**
 * Deletes a card with its attributions; payments for them stand. Rows that the foreign keys would delete are deleted by
 * explicit statements first, so that only answers that show one of them are purged.
 */
export function deleteCard(db: Kysely<Database>, userId: string, id: string) {
  return inTransaction(db, (trx) => deleteCardIn(trx, userId, id))
}

/** As `deleteCard`, within a transaction of the caller's. */
export async function deleteCardIn(trx: Transaction<Database>, userId: string, id: string) {
  const card = await trx
    .selectFrom('cards')
    .select('id')
    .where('id', '=', id)
    .where('userId', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (card === undefined) noCardOfYours('id')
  await trx
    .deleteFrom('attributions')
    .where(({ eb, or }) => or([eb('sourceCardId', '=', id), eb('targetCardId', '=', id)]))
    .execute()
  await trx
    .deleteFrom('attributionProposals')
    .where(({ eb, or }) => or([eb('sourceCardId', '=', id), eb('targetCardId', '=', id)]))
    .execute()
  await trx.updateTable('cards').set({ parentCardId: null }).where('parentCardId', '=', id).execute()
  return withCascadesDone(trx).deleteFrom('cards').where('id', '=', id).returning('id').executeTakeFirstOrThrow()
}

/** Someone's private card and one that is not there look the same from outside. */
async function assertParentIsVisible(db: Writer, userId: string, parentCardId: string | null | undefined) {
  if (parentCardId === null || parentCardId === undefined) return
  const parent = await db
    .selectFrom('cards')
    .select('id')
    .where('id', '=', parentCardId)
    .where(({ eb, or }) => or([eb('isPublished', '=', true), eb('userId', '=', userId)]))
    .executeTakeFirst()
  if (parent === undefined) throw fieldError('not_found', 'parentCardId', 'no such card that you can see')
}

function explainReference(error: unknown): never {
  const { constraint } = error as { constraint?: string }
  if (sqlState(error) === sqlStates.foreignKeyViolation && constraint === 'cards_content_id_fkey') {
    throw fieldError('not_found', 'contentId', 'no such content')
  }
  if (sqlState(error) === sqlStates.foreignKeyViolation)
    throw fieldError('not_found', 'parentCardId', 'no such card that you can see')
  if (constraint === 'cards_privacy_check') {
    throw fieldError('conflict', 'privacyLevel', 'of a published card must be BUSINESS or IDEAS: unpublish it first')
  }
  throw error
}

/** The same for a card that is not there and for another user's. */
export function noCardOfYours(field: string): never {
  throw fieldError('not_found', field, 'no such card of yours')
}
