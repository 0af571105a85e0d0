import type { Database, SubscriptionChange } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { AppError, fieldError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListChanges, ListSubscriptions, Subscription } from './subscriptions.schema.ts'

const subscriptionColumns = ['id', 'kind', 'name', 'input', 'feedToken', 'answeredAt', 'createdAt'] as const
const changeColumns = ['id', 'sequence', 'change', 'createdAt'] as const

const byCreation = defineKeyset('subscriptions', 'createdAt', 'id')
const byTime = defineKeyset('subscriptionChanges', 'createdAt', 'id')

/** A user's own, newest first. */
export async function listSubscriptions(
  db: Kysely<Database>,
  userId: string,
  page: z.output<typeof ListSubscriptions>,
) {
  const query = db.selectFrom('subscriptions').select(subscriptionColumns).where('userId', '=', userId)
  const { items, nextCursor } = await keysetPage(query, byCreation, page)
  return { items: items.map(toSubscription), nextCursor }
}

export interface SubscriptionName {
  readonly id: string
  readonly userId: string
}

/** @throws AppError not_found, for another user's too. */
export async function getSubscription(db: Kysely<Database>, { id, userId }: SubscriptionName) {
  const row = await db
    .selectFrom('subscriptions')
    .select([...subscriptionColumns, 'answer', 'lastSequence'])
    .where('id', '=', id)
    .where('userId', '=', userId)
    .executeTakeFirst()
  if (row === undefined) throw fieldError('not_found', 'id', 'no such subscription of yours')
  const { answer, lastSequence, ...rest } = row
  return {
    ...toSubscription(rest),
    answer: answer.map((item) => ({ ...item, receipts: [...item.receipts] })),
    lastSequence,
  }
}

type Row = Omit<z.output<typeof Subscription>, 'feed'> & { readonly feedToken: string }

function toSubscription({ feedToken, ...row }: Row): z.output<typeof Subscription> {
  return { ...row, feed: `/feeds/${feedToken}` }
}

/** What was told, newest first. */
export async function listChanges(db: Kysely<Database>, { id, ...page }: z.output<typeof ListChanges>) {
  const query = db.selectFrom('subscriptionChanges').select(changeColumns).where('subscriptionId', '=', id)
  const { items, nextCursor } = await keysetPage(query, byTime, page)
  return { items: items.map(toChange), nextCursor }
}

/** What was told behind a sequence, the oldest first. */
export async function changesAfter(db: Kysely<Database>, id: string, sequence: string) {
  const rows = await db
    .selectFrom('subscriptionChanges')
    .select(changeColumns)
    .where('subscriptionId', '=', id)
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(100)
    .execute()
  return rows.map(toChange)
}

/** The feed's last entries. @throws AppError not_found */
export async function readFeed(db: Kysely<Database>, feedToken: string) {
  const subscription = await db
    .selectFrom('subscriptions')
    .select(['id', 'name', 'createdAt'])
    .where('feedToken', '=', feedToken)
    .executeTakeFirst()
  if (subscription === undefined) throw new AppError('not_found', 'There is no such feed.')
  const { items } = await listChanges(db, { id: subscription.id, limit: 50 })
  return { ...subscription, items }
}

interface ChangeRow {
  readonly id: string
  readonly sequence: string
  readonly change: SubscriptionChange
  readonly createdAt: string
}

function toChange({ id, sequence, createdAt, change }: ChangeRow) {
  const copy = (items: SubscriptionChange['new']) => items.map((item) => ({ ...item, receipts: [...item.receipts] }))
  const one = (item: SubscriptionChange['new'][number]) => ({ ...item, receipts: [...item.receipts] })
  const changed = change.changed.map(({ before, after }) => ({ before: one(before), after: one(after) }))
  return { id, sequence, createdAt, new: copy(change.new), gone: copy(change.gone), changed }
}
