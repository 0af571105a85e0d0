import type { Database } from '@extropy/db'
import { sql, type Transaction } from 'kysely'
import { enqueue } from '../jobs/enqueue.ts'
import { deliverJob } from './deliver.job.ts'
import type { EventType } from './webhooks.schema.ts'

export interface EmittedEvent {
  readonly userId: string
  readonly type: EventType
  readonly data: Readonly<Record<string, unknown>>
  /** This endpoint alone, whatever types it takes. */
  readonly webhookId?: string
}

/**
 * Tells a user's endpoints what happens in this transaction: sent when it commits, and never where it does not. Returns the ids of the
 * deliveries.
 */
export async function emit(
  trx: Transaction<Database>,
  { userId, type, data, webhookId }: EmittedEvent,
): Promise<string[]> {
  let endpoints = trx
    .selectFrom('webhooks')
    .select('id')
    .where('userId', '=', userId)
    .where('status', '=', 'active')
    // In one order, so that two transactions never wait for each other.
    .orderBy('id')
    .forUpdate()
  endpoints =
    webhookId === undefined
      ? endpoints.where((of) => of.or([of('events', '=', sql<string[]>`'{}'`), sql<boolean>`${type} = any(events)`]))
      : endpoints.where('id', '=', webhookId)
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data })
  const ids: string[] = []
  for (const { id } of await endpoints.execute()) {
    const { lastSequence } = await trx
      .updateTable('webhooks')
      .set({ lastSequence: sql<string>`last_sequence + 1` })
      .where('id', '=', id)
      .returning('lastSequence')
      .executeTakeFirstOrThrow()
    const delivery = await trx
      .insertInto('webhookDeliveries')
      .values({ webhookId: id, sequence: lastSequence, type, body })
      .returning('id')
      .executeTakeFirstOrThrow()
    ids.push(delivery.id)
    await enqueue(trx, deliverJob, { webhookId: id })
  }
  return ids
}
