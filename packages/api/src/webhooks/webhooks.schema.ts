import { deliveryStatuses, webhookStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, listInputWith, pageOf } from '../pagination.ts'

/** What can be told. */
const eventTypes = ['research.completed', 'research.failed', 'subscription.changed', 'webhook.test'] as const
export type EventType = (typeof eventTypes)[number]

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(2000)
  .describe('On the public internet: a private address, and a redirect, is refused at every call')
const description = cleanText(200).trim()
const events = z.array(z.enum(eventTypes)).max(eventTypes.length).describe('Left empty: all of them')

export const CreateWebhook = z.strictObject({
  url,
  description: description.nullable().default(null),
  events: events.default([]),
})

export const WebhookId = z.strictObject({ id: Id })

export const ListWebhooks = listInput({})

export const UpdateWebhook = z
  .strictObject({
    id: Id,
    url: url.optional(),
    description: description.nullable().optional(),
    events: events.optional(),
    status: z.enum(webhookStatuses).optional().describe('active: deliveries that wait go on'),
  })
  .refine(
    ({ id: _, ...changes }) => Object.values(changes).some((change) => change !== undefined),
    'must have at least one field to change',
  )

export const RotateSecret = z.strictObject({
  id: Id,
  overlapHours: z
    .number()
    .int()
    .min(0)
    .max(168)
    .default(24)
    .describe('For so long the old secret signs beside the new one'),
})

export const Webhook = z
  .object({
    id: Id,
    url: z.string(),
    description: z.string().nullable(),
    events: z.array(z.string()),
    status: z.enum(webhookStatuses),
    disabledReason: z.string().nullable(),
    previousUntil: z.string().nullable().describe('Until then the old secret signs, too'),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Webhook' })

export const WebhookPage = pageOf(Webhook)

export const WebhookWithSecret = Webhook.extend({
  secret: z.string().describe('Shown once: whsec_ and base64, as Standard Webhooks has it'),
}).meta({ id: 'WebhookWithSecret' })

export const ListDeliveries = listInputWith({ id: Id, status: z.enum(deliveryStatuses).optional() })

const Delivery = z
  .object({
    id: Id.describe('The header webhook-id: the same at every attempt'),
    sequence: z.string().describe('1 for the endpoint’s first; a replay begins behind one'),
    type: z.string(),
    status: z.enum(deliveryStatuses).describe('dead: a day of attempts was in vain; a replay tries again'),
    attempts: z.number().int(),
    log: z
      .array(z.object({ at: z.string(), status: z.number().nullable(), message: z.string(), tookMs: z.number() }))
      .describe('The last ten attempts'),
    nextAt: z.string().nullable().describe('Of a pending one: not before'),
    createdAt: z.string(),
    deliveredAt: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery' })

export const DeliveryPage = pageOf(Delivery)

export const Replay = z.strictObject({
  id: Id,
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be the sequence of a delivery, or 0')
    .default('0')
    .describe('The sequence of the last delivery that is not to come again'),
  onlyDead: z.boolean().default(false),
})

export const Replayed = z.object({ count: z.number().int().describe('Deliveries that are sent again, in their order') })

export const Tested = z.object({ deliveryId: Id })
