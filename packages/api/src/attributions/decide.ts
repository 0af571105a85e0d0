import type { Database } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'
import type { z } from 'zod'
import { type Actor, recordAct } from '../audit/audit.ts'
import { fieldError } from '../errors.ts'
import { type MoneyRequest, once } from '../tokens/idempotency.ts'
import { inTransaction } from '../transaction.ts'
import { attributeIn } from './attribute.ts'
import type { NewAttribution } from './attributions.schema.ts'
import { decided } from './decided.ts'
import type { ProposalEvidence } from './proposals.queries.ts'
import type { AcceptProposal } from './proposals.schema.ts'

/**
 * Makes the attribution that was proposed, and pays for it. Its excerpt is the sentence that both cards say most alike.
 *
 * @throws AppError as `attribute`; not_found for another user's proposal, conflict where it was refused or accepted before.
 */
export function acceptProposal(
  db: Kysely<Database>,
  actor: Actor,
  request: MoneyRequest,
  { id, type, context }: z.output<typeof AcceptProposal>,
): Promise<z.input<typeof NewAttribution>> {
  return inTransaction(db, (trx) =>
    once(trx, request, async () => {
      const { sourceCardId, targetCardId } = await getProposal(trx, actor, id)
      // The cards first, as who edits or unpublishes one does; then the proposal, so that it is accepted once.
      await trx
        .selectFrom('cards')
        .select('id')
        .where('id', 'in', [sourceCardId, targetCardId])
        .orderBy('id')
        .forShare()
        .execute()
      const { status, evidence } = await getProposal(trx, actor, id, { locked: true })
      if (status !== 'open') throw fieldError('conflict', 'id', `the proposal was ${status} before`)
      const { kept = [] } = evidence as Partial<ProposalEvidence>
      const excerpt = kept[0]?.older.text
      return attributeIn(trx, actor, { sourceCardId, targetCardId, type, context, excerpt })
    }),
  )
}

/** Says no, for good; again as often as one likes. @throws AppError not_found, conflict where it was accepted. */
export function refuseProposal(db: Kysely<Database>, actor: Actor, id: string): Promise<{ id: string }> {
  return inTransaction(db, async (trx) => {
    // Whoever accepts it meanwhile has paid when this goes on.
    const { status } = await getProposal(trx, actor, id, { locked: true })
    if (status === 'accepted') throw fieldError('conflict', 'id', 'the proposal was accepted before')
    const refused = await trx
      .updateTable('attributionProposals')
      .set(decided('refused'))
      .where('id', '=', id)
      .where('status', '=', 'open')
      .returning('id')
      .executeTakeFirst()
    if (refused !== undefined) await recordAct(trx, actor, { action: 'attributions.refuse', target: id })
    return { id }
  })
}

/** Another user's looks like one that is not there. */
async function getProposal(
  trx: Transaction<Database>,
  { principal: { userId } }: Actor,
  id: string,
  { locked = false } = {},
) {
  const proposal = await trx
    .selectFrom('attributionProposals')
    .select(['status', 'sourceCardId', 'targetCardId', 'evidence'])
    .where('id', '=', id)
    .where('targetUserId', '=', userId)
    .$if(locked, (query) => query.forUpdate())
    .executeTakeFirst()
  if (proposal === undefined) throw fieldError('not_found', 'id', 'no such proposal to you')
  return proposal
}
