import type { Database } from '@extropy/db'
import type { Transaction } from 'kysely'
import { deleteCardIn } from '../cards/cards.commands.ts'
import { fieldError } from '../errors.ts'

/**
 * Erases a user: cards with their attributions, keys, research sessions, stored answers, name, address and bio go. The
 * account stays without a name, since the ledger's rows name it: money that moved has moved.
 *
 * @throws AppError not_found
 */
export async function eraseUser(trx: Transaction<Database>, id: string): Promise<{ id: string }> {
  const user = await trx.selectFrom('users').select('id').where('id', '=', id).forUpdate().executeTakeFirst()
  if (user === undefined) throw fieldError('not_found', 'id', 'no such user')
  const cards = await trx.selectFrom('cards').select('id').where('userId', '=', id).orderBy('id').execute()
  for (const card of cards) await deleteCardIn(trx, id, card.id)
  await trx.deleteFrom('apiKeys').where('userId', '=', id).execute()
  await trx.deleteFrom('researchSessions').where('userId', '=', id).execute()
  await trx.deleteFrom('moneyRequests').where('userId', '=', id).execute()
  const username = `erased-${id.slice(-12)}`
  return trx
    .updateTable('users')
    .set((eb) => ({
      username,
      email: `${username}@users.invalid`,
      displayName: 'Erased user',
      bio: null,
      updatedAt: eb.fn<string>('now', []),
    }))
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirstOrThrow()
}
