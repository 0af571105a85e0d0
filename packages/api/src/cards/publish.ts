import { type Database, type PrivacyLevel, publishableLevels, rawRead } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { z } from 'zod'
import { type Actor, recordAct } from '../audit/audit.ts'
import { enqueueProposals } from '../proposals/propose.job.ts'
import { type MoneyRequest, once } from '../tokens/idempotency.ts'
import { move } from '../tokens/movements.ts'
import { inTransaction } from '../transaction.ts'
import { insertCard, noCardOfYours } from './cards.commands.ts'
import { returnedCard } from './cards.queries.ts'
import type { PublishCards, Published } from './cards.schema.ts'

const publishable: readonly PrivacyLevel[] = publishableLevels
const rewardTokens = '1.00000000'

/**
 * Publishes drafts and new cards in one transaction. A card's first publication earns a token, up to so many within 24
 * hours; the ledger takes a card's reward under the card's own key. Cards of a private kind are counted and left as they
 * are; new ones are not stored.
 *
 * @throws AppError not_found where an id names no card of the user's.
 */
export function publishCards(
  db: Kysely<Database>,
  actor: Actor & { readonly rewardsPerDay: number },
  request: MoneyRequest,
  { ids, cards }: z.output<typeof PublishCards>,
): Promise<z.input<typeof Published>> {
  const { userId } = actor.principal
  return inTransaction(db, (trx) =>
    once(trx, request, async () => {
      // One publication of a user at a time: slugs are taken in the order of the cards, and rewards are counted.
      await rawRead([], sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`).execute(trx)
      const drafts = await lockDrafts(trx, userId, ids)
      const open = drafts.filter(({ privacyLevel }) => publishable.includes(privacyLevel))
      const fresh: Draft[] = []
      for (const card of cards) {
        if (publishable.includes(card.privacyLevel)) fresh.push(await insertCard(trx, userId, card))
      }
      const published = await markPublished(trx, [...open, ...fresh])
      const unpaid = [...open, ...fresh].filter(({ publishedAt }) => publishedAt === null)
      const earnedToday = unpaid.length === 0 ? 0 : await countRewards(trx, userId)
      const rewarded = unpaid.slice(0, Math.max(0, actor.rewardsPerDay - earnedToday))
      for (const { id } of rewarded) await reward(trx, userId, id)
      await enqueueProposals(
        trx,
        published.map(({ id }) => id),
      )
      const [first] = published
      if (first !== undefined) {
        const details = { published: published.length, rewarded: rewarded.length }
        await recordAct(trx, actor, { action: 'cards.publish', target: first.id, details })
      }
      return {
        published,
        publishedCount: published.length,
        filteredCount: drafts.length - open.length + cards.length - fresh.length,
        tokensEarned: `${rewarded.length}.00000000`,
      }
    }),
  )
}

type Draft = Awaited<ReturnType<typeof lockDrafts>>[number]

/** Locks the drafts and returns them in the order of `ids`, each once. */
async function lockDrafts(trx: Transaction<Database>, userId: string, ids: readonly string[]) {
  if (ids.length === 0) return []
  const drafts = await trx
    .selectFrom('cards')
    .select(['id', 'privacyLevel', 'publishedAt'])
    .where('id', 'in', ids)
    .where('userId', '=', userId)
    // Everyone who locks several cards locks them in this order.
    .orderBy('id')
    .forUpdate()
    .execute()
  const found = new Map(drafts.map((draft) => [draft.id, draft]))
  return [...new Set(ids)].map((id) => found.get(id) ?? noCardOfYours(`ids.${ids.indexOf(id)}`))
}

/** Publishes the cards and returns them in the order given. A card that was published before keeps its time. */
async function markPublished(trx: Transaction<Database>, cards: readonly Draft[]) {
  if (cards.length === 0) return []
  const rows = await trx
    .updateTable('cards')
    .set({
      isPublished: true,
      publishedAt: sql<string>`coalesce(published_at, clock_timestamp())`,
      updatedAt: sql<string>`now()`,
    })
    .where(
      'id',
      'in',
      cards.map(({ id }) => id),
    )
    .returning(returnedCard)
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return cards.flatMap(({ id }) => byId.get(id) ?? [])
}

/** Within 24 hours; an award by an admin names no card. */
async function countRewards(trx: Transaction<Database>, userId: string): Promise<number> {
  const { count } = await trx
    .selectFrom('extropyLedger')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('toUserId', '=', userId)
    .where('transactionType', '=', 'earn')
    .where('cardId', 'is not', null)
    .where('createdAt', '>', sql<string>`now() - interval '24 hours'`)
    .executeTakeFirstOrThrow()
  return Number(count)
}

function reward(trx: Transaction<Database>, userId: string, cardId: string): Promise<void> {
  const key = `publish:${cardId}`
  return move(trx, { from: null, to: userId, amount: rewardTokens, type: 'earn', cardId, attributionId: null, key })
}
