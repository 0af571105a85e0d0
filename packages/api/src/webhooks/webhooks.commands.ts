import type { Database } from '@extropy/db'
import type { Intake } from '@extropy/intake'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { deliverJob } from './deliver.job.ts'
import { emit } from './emit.ts'
import { newSecret } from './sign.ts'
import { getWebhook, type WebhookName, webhookColumns } from './webhooks.queries.ts'
import type { CreateWebhook, Replay, RotateSecret, UpdateWebhook } from './webhooks.schema.ts'

/** Of one user. */
const mostWebhooks = 20

/** A private address is told at once, and not only by the log of deliveries. @throws AppError invalid_input */
export async function assertPublicUrl(intake: Intake | undefined, url: string | undefined): Promise<void> {
  if (url === undefined || intake === undefined) return
  const problem = await intake.guardedFetch.check(url)
  if (problem !== undefined) throw fieldError('invalid_input', 'url', problem.message)
}

/** @throws AppError conflict where the user has as many as one may. */
export async function createWebhook(trx: Transaction<Database>, userId: string, input: z.output<typeof CreateWebhook>) {
  // One at a time, or two that come together would both be the twentieth.
  await trx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute()
  const own = await trx.selectFrom('webhooks').select('id').where('userId', '=', userId).execute()
  if (own.length >= mostWebhooks) {
    throw fieldError('conflict', 'url', `is one too many: a user has at most ${mostWebhooks} webhooks`)
  }
  const secret = newSecret()
  const webhook = await trx
    .insertInto('webhooks')
    .values({ ...input, userId, secret })
    .returning(webhookColumns)
    .executeTakeFirstOrThrow()
  return { ...webhook, secret }
}

/** @throws AppError not_found */
export async function updateWebhook(trx: Transaction<Database>, userId: string, input: z.output<typeof UpdateWebhook>) {
  const { id, ...changes } = input
  await getWebhook(trx, { id, userId })
  const webhook = await trx
    .updateTable('webhooks')
    .set({ ...changes, ...(changes.status !== undefined && { disabledReason: null }), updatedAt: sql<string>`now()` })
    .where('id', '=', id)
    .returning(webhookColumns)
    .executeTakeFirstOrThrow()
  if (changes.status === 'active') await hurry(trx, id)
  return webhook
}

/** @throws AppError not_found */
export async function deleteWebhook(trx: Transaction<Database>, name: WebhookName) {
  await getWebhook(trx, name)
  await trx.deleteFrom('webhooks').where('id', '=', name.id).execute()
  return { id: name.id }
}

/** @throws AppError not_found */
export async function rotateSecret(
  trx: Transaction<Database>,
  userId: string,
  { id, overlapHours }: z.output<typeof RotateSecret>,
) {
  await getWebhook(trx, { id, userId })
  const secret = newSecret()
  const webhook = await trx
    .updateTable('webhooks')
    .set({
      previousSecret: sql<string>`secret`,
      previousUntil: new Date(Date.now() + overlapHours * 3600 * 1000).toISOString(),
      secret,
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', id)
    .returning(webhookColumns)
    .executeTakeFirstOrThrow()
  return { ...webhook, secret }
}

/** A message of no meaning, to this endpoint alone. @throws AppError not_found, conflict where it is disabled. */
export async function testWebhook(trx: Transaction<Database>, { id, userId }: WebhookName) {
  await getWebhook(trx, { id, userId })
  const [deliveryId] = await emit(trx, { userId, type: 'webhook.test', data: { webhookId: id }, webhookId: id })
  if (deliveryId !== undefined) return { deliveryId }
  throw fieldError('conflict', 'id', 'the webhook is disabled: set its status to active first')
}

/** Sends again what comes behind a sequence, in its order, with a day of attempts of its own. @throws AppError not_found */
export async function replay(
  trx: Transaction<Database>,
  userId: string,
  { id, after, onlyDead }: z.output<typeof Replay>,
) {
  await getWebhook(trx, { id, userId })
  const again = await trx
    .updateTable('webhookDeliveries')
    .set({ status: 'pending', attempts: 0, nextAt: null, queuedAt: sql<string>`now()`, deliveredAt: null })
    .where('webhookId', '=', id)
    .where('sequence', '>', after)
    .where('status', 'in', onlyDead ? ['dead'] : ['dead', 'delivered'])
    .returning('id')
    .execute()
  await hurry(trx, id)
  return { count: again.length }
}

/** Tries what waits at once, without the rest of its pause. */
async function hurry(trx: Kysely<Database>, webhookId: string): Promise<void> {
  await trx
    .updateTable('webhookDeliveries')
    .set({ nextAt: null })
    .where('webhookId', '=', webhookId)
    .where('status', '=', 'pending')
    .execute()
  await enqueue(trx, deliverJob, { webhookId })
}
