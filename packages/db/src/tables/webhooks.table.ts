import {
  bigint,
  checkIn,
  defineTable,
  integer,
  jsonb,
  nullable,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

/** `disabled`: by its user, or because the receiver answered 410. What has happened meanwhile is not sent. */
export const webhookStatuses = ['active', 'disabled'] as const
export type WebhookStatus = (typeof webhookStatuses)[number]

/** An address that is told what happens. */
export const webhooks = defineTable({
  name: 'webhooks',
  columns: {
    id: withDefault(uuid()),
    userId: uuid(),
    url: text(),
    description: nullable(text()),
    /** Types of events; none: all. */
    events: withDefault(textArray()),
    status: withDefault(text<WebhookStatus>()),
    disabledReason: nullable(text()),
    /** As it is: what is sent is signed with it. */
    secret: text(),
    /** Signs beside the new one until then. */
    previousSecret: nullable(text()),
    previousUntil: nullable(timestamptz()),
    /** Of its latest delivery. Counted under the row's lock, so that deliveries are numbered in the order of their commits. */
    lastSequence: withDefault(bigint()),
    createdAt: withDefault(timestamptz()),
    updatedAt: withDefault(timestamptz()),
  },
  constraints: {
    webhooks_pkey: 'PRIMARY KEY (id)',
    webhooks_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    webhooks_status_check: checkIn('status', webhookStatuses),
  },
  indexes: {
    idx_webhooks_user_created_desc: {
      using: 'btree (user_id, created_at DESC, id DESC)',
      serves: 'webhooks.listWebhooks, webhooks.emit',
    },
  },
})

export type WebhooksTable = TableOf<typeof webhooks>

/** `dead`: a day of attempts was in vain. */
export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export interface DeliveryAttempt {
  readonly at: string
  /** Null where there was no answer. */
  readonly status: number | null
  readonly message: string
  readonly tookMs: number
}

/** What is to be sent, in the order of its happening, and what came of it: outbox and log in one. */
export const webhookDeliveries = defineTable({
  name: 'webhook_deliveries',
  columns: {
    /** The message's own, the same at every attempt and at every endpoint: a receiver knows by it what it has had. */
    id: withDefault(uuid()),
    webhookId: uuid(),
    sequence: bigint(),
    type: text(),
    /** The very bytes that are signed. */
    body: text(),
    status: withDefault(text<DeliveryStatus>()),
    attempts: withDefault(integer()),
    /** The last ten. */
    log: withDefault(jsonb<readonly DeliveryAttempt[]>()),
    /** Null: as soon as those before it are through. */
    nextAt: nullable(timestamptz()),
    createdAt: withDefault(timestamptz()),
    /** The day of attempts begins here; a replay sets it anew. */
    queuedAt: withDefault(timestamptz()),
    deliveredAt: nullable(timestamptz()),
  },
  constraints: {
    webhook_deliveries_pkey: 'PRIMARY KEY (id)',
    webhook_deliveries_sequence_key: 'UNIQUE (webhook_id, sequence)',
    webhook_deliveries_webhook_id_fkey: 'FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE',
    webhook_deliveries_status_check: checkIn('status', deliveryStatuses),
  },
  indexes: {
    idx_webhook_deliveries_pending: {
      using: 'btree (webhook_id, sequence)',
      where: "(status = 'pending'::text)",
      serves: 'webhooks.findNext',
    },
    idx_webhook_deliveries_created_desc: {
      using: 'btree (webhook_id, created_at DESC, id DESC)',
      serves: 'webhooks.listDeliveries',
    },
    idx_webhook_deliveries_ended: {
      using: 'btree (queued_at)',
      where: "(status <> 'pending'::text)",
      serves: 'webhooks.prune',
    },
  },
})

export type WebhookDeliveriesTable = TableOf<typeof webhookDeliveries>
