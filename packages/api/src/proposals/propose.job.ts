import type { Database } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { Id } from '../id.ts'
import { defineJob } from '../jobs/define-job.ts'
import { enqueueAll } from '../jobs/enqueue.ts'
import type { Evidence } from '../patterns/pattern.ts'
import { findLikeCards, getProposedCard, type ProposedCard, toContent } from './like-cards.queries.ts'

/**
 * Looks for published cards of others that a card grew out of, and for those that grew out of it, and proposes an attribution to the author
 * of the newer one. It may run twice: a pair has one proposal, and none once it was refused or attributed.
 */
export const proposeJob = defineJob({
  kind: 'attributions.propose',
  seenBy: 'admins',
  input: z.strictObject({ cardId: Id }),
  concurrency: { ofKind: 2 },
  deadlineMs: 120_000,
  async run({ deps, input: { cardId }, signal, write }) {
    const card = await getProposedCard(deps.db, cardId)
    if (card === undefined) return { proposed: 0 }
    const others = await findLikeCards(deps.db, card)
    if (others.length === 0) return { proposed: 0 }
    const outcome = await deps.analyst.run(
      { kind: 'growth', one: toContent(card), others: others.map(toContent) },
      { signal, background: true },
    )
    const steps = outcome.kind === 'growth' ? outcome.steps : []
    if (steps.length === 0) return { proposed: 0 }
    return write(async (trx) => ({ proposed: await propose(trx, steps, [card, ...others]) }))
  },
})

/** After cards were published, or a published one has another text: in the transaction that does it. */
export function enqueueProposals(db: Kysely<Database>, cardIds: readonly string[]): Promise<number> {
  return enqueueAll(
    db,
    proposeJob,
    cardIds.map((cardId) => ({ cardId })),
  )
}

/**
 * The cards as they were read must be what they are still: where one has changed, another job is on its way. Their lock keeps out whoever
 * attributes one to another meanwhile, which has a weaker one: either this sees the attribution, or that the proposal.
 */
async function propose(
  trx: Transaction<Database>,
  steps: readonly Evidence[],
  read: readonly ProposedCard[],
): Promise<number> {
  const ids = [...new Set(steps.flatMap(({ contentId, from }) => [contentId, from ?? contentId]))]
  const cards = await trx
    .selectFrom('cards')
    .select(['id', 'userId', 'title', 'body', 'isPublished'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  const then = new Map(read.map((card) => [card.id, card]))
  const current = new Map(
    cards
      .filter(({ id, title, body, isPublished }) => {
        const before = then.get(id)
        return isPublished && before?.title === title && before.body === body
      })
      .map((card) => [card.id, card]),
  )
  let proposed = 0
  for (const { contentId, from = '', strength: coverage, growth, added, kept } of steps) {
    const [source, target] = [current.get(from), current.get(contentId)]
    if (source === undefined || target === undefined || source.userId === target.userId) continue
    const pair = { sourceCardId: source.id, targetCardId: target.id }
    if (await isAttributed(trx, pair)) continue
    const found = { coverage, evidence: JSON.stringify({ growth, added, kept }) as never }
    const { numInsertedOrUpdatedRows = 0n } = await trx
      .insertInto('attributionProposals')
      .values({ ...pair, sourceUserId: source.userId, targetUserId: target.userId, ...found })
      .onConflict((conflict) =>
        conflict
          .columns(['sourceCardId', 'targetCardId'])
          .doUpdateSet(found)
          .where('attributionProposals.status', '=', 'open'),
      )
      .executeTakeFirstOrThrow()
    proposed += Number(numInsertedOrUpdatedRows)
  }
  return proposed
}

interface Pair {
  readonly sourceCardId: string
  readonly targetCardId: string
}

async function isAttributed(trx: Transaction<Database>, { sourceCardId, targetCardId }: Pair): Promise<boolean> {
  const known = await trx
    .selectFrom('attributions')
    .select('id')
    .where('sourceCardId', '=', sourceCardId)
    .where('targetCardId', '=', targetCardId)
    .executeTakeFirst()
  return known !== undefined
}
