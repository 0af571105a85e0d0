import type { AttributionType, Database } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'
import type { z } from 'zod'
import { type Actor, recordAct } from '../audit/audit.ts'
import { noCardOfYours } from '../cards/cards.commands.ts'
import { fieldError } from '../errors.ts'
import { type MoneyRequest, once } from '../tokens/idempotency.ts'
import { move } from '../tokens/movements.ts'
import { inTransaction } from '../transaction.ts'
import type { CreateAttribution, NewAttribution } from './attributions.schema.ts'
import { decided } from './decided.ts'

const prices = {
  citation: '0.10000000',
  remix: '0.50000000',
  reply: '0.05000000',
} as const satisfies Record<AttributionType, string>

const columns = [
  'id',
  'sourceCardId',
  'sourceUserId',
  'targetCardId',
  'targetUserId',
  'type',
  'context',
  'excerpt',
  'tokensTransferred',
  'createdAt',
] as const

/**
 * An attribution and its payment: both, or neither.
 *
 * @throws AppError not_found, invalid_input (own card), conflict (there is one of this type), insufficient_balance
 */
export function attribute(
  db: Kysely<Database>,
  actor: Actor,
  request: MoneyRequest,
  attribution: z.output<typeof CreateAttribution>,
): Promise<z.input<typeof NewAttribution>> {
  return inTransaction(db, (trx) => once(trx, request, () => attributeIn(trx, actor, attribution)))
}

/** As `attribute`, within a transaction of the caller's. What was proposed of these two cards is settled by it. */
export async function attributeIn(
  trx: Transaction<Database>,
  actor: Actor,
  { sourceCardId, targetCardId, type, context, excerpt }: z.output<typeof CreateAttribution>,
): Promise<z.input<typeof NewAttribution>> {
  const { userId } = actor.principal
  const sourceUserId = await lockCards(trx, userId, { sourceCardId, targetCardId })
  const amount = prices[type]
  const attribution = await trx
    .insertInto('attributions')
    .values({
      sourceCardId,
      sourceUserId,
      targetCardId,
      targetUserId: userId,
      type,
      context: context ?? null,
      excerpt: excerpt ?? null,
      tokensTransferred: amount,
    })
    .onConflict((conflict) => conflict.columns(['sourceCardId', 'targetCardId', 'type']).doNothing())
    .returning(columns)
    .executeTakeFirst()
  if (attribution === undefined) throw fieldError('conflict', 'type', `these two cards already have a ${type}`)
  const { id } = attribution
  const key = `attribution:${id}`
  const payment = { from: userId, to: sourceUserId, amount, type: 'attribution', cardId: sourceCardId } as const
  await move(trx, { ...payment, attributionId: id, key })
  await settleProposal(trx, { sourceCardId, targetCardId })
  await recordAct(trx, actor, { action: 'attributions.create', target: id, details: { to: sourceUserId, amount } })
  return attribution
}

async function settleProposal(
  trx: Transaction<Database>,
  { sourceCardId, targetCardId }: { readonly sourceCardId: string; readonly targetCardId: string },
): Promise<void> {
  await trx
    .updateTable('attributionProposals')
    .set(decided('accepted'))
    .where('sourceCardId', '=', sourceCardId)
    .where('targetCardId', '=', targetCardId)
    .where('status', '=', 'open')
    .execute()
}

/** Locks both cards until the end: both must be published, one of them the user's. Returns the paid user. */
async function lockCards(
  trx: Transaction<Database>,
  userId: string,
  { sourceCardId, targetCardId }: { sourceCardId: string; targetCardId: string },
): Promise<string> {
  const cards = await trx
    .selectFrom('cards')
    .select(['id', 'userId', 'isPublished'])
    .where('id', 'in', [sourceCardId, targetCardId])
    .orderBy('id')
    .forShare()
    .execute()
  const source = cards.find(({ id }) => id === sourceCardId)
  const target = cards.find(({ id }) => id === targetCardId)
  if (source === undefined || (!source.isPublished && source.userId !== userId)) {
    throw fieldError('not_found', 'sourceCardId', 'no such published card')
  }
  if (source.userId === userId) throw fieldError('invalid_input', 'sourceCardId', 'is your own card')
  if (target === undefined || target.userId !== userId) noCardOfYours('targetCardId')
  if (!target.isPublished) throw fieldError('invalid_input', 'targetCardId', 'is not published: publish it first')
  return source.userId
}
