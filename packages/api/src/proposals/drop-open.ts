import type { Database } from '@extropy/db'
import type { Transaction } from 'kysely'

/** Takes back what was proposed on account of a card's text, for it is not public any more. What was decided stays. */
export async function dropOpen(trx: Transaction<Database>, cardId: string): Promise<void> {
  await trx
    .deleteFrom('attributionProposals')
    .where('status', '=', 'open')
    .where(({ eb, or }) => or([eb('sourceCardId', '=', cardId), eb('targetCardId', '=', cardId)]))
    .execute()
}
