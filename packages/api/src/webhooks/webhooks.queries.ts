import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListDeliveries, ListWebhooks, Webhook } from './webhooks.schema.ts'

/** Without its secret, which nobody is shown twice. */
export const webhookColumns = [
  'id',
  'url',
  'description',
  'events',
  'status',
  'disabledReason',
  'previousUntil',
  'createdAt',
  'updatedAt',
] as const

const byCreation = defineKeyset('webhooks', 'createdAt', 'id')
const byTime = defineKeyset('webhookDeliveries', 'createdAt', 'id')

/** A user's own, newest first. */
export function listWebhooks(db: Kysely<Database>, userId: string, page: z.output<typeof ListWebhooks>) {
  return keysetPage(db.selectFrom('webhooks').select(webhookColumns).where('userId', '=', userId), byCreation, page)
}

export interface WebhookName {
  readonly id: string
  readonly userId: string
}

/** @throws AppError not_found, for another user's too. */
export async function getWebhook(db: Kysely<Database>, { id, userId }: WebhookName): Promise<z.output<typeof Webhook>> {
  const webhook = await db
    .selectFrom('webhooks')
    .select(webhookColumns)
    .where('id', '=', id)
    .where('userId', '=', userId)
    .executeTakeFirst()
  if (webhook !== undefined) return webhook
  throw fieldError('not_found', 'id', 'no such webhook of yours')
}

/** What was and will be sent, newest first. */
export function listDeliveries(db: Kysely<Database>, { id, status, ...page }: z.output<typeof ListDeliveries>) {
  let query = db
    .selectFrom('webhookDeliveries')
    .select(['id', 'sequence', 'type', 'status', 'attempts', 'log', 'nextAt', 'createdAt', 'deliveredAt'])
    .where('webhookId', '=', id)
  if (status !== undefined) query = query.where('status', '=', status)
  return keysetPage(query, byTime, page)
}
