import { subscriptionKinds } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, listInputWith, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'

export const CreateSubscription = z
  .strictObject({
    kind: z.enum(subscriptionKinds).describe('answer: its sentences; search: its results; source: its new contents'),
    name: cleanText(200).trim().min(1).optional().describe('Default: the question'),
    question: cleanText(1000).trim().min(1).optional().describe('For answer and search'),
    sourceId: Id.optional().describe('For source'),
    platform: PlatformName.optional().describe('Only passages from this platform'),
    author: cleanText(200).trim().min(1).optional().describe('Only passages by this author'),
    nResults: z.number().int().min(1).max(50).default(10),
  })
  .refine(({ kind, question }) => (kind === 'source') === (question === undefined), {
    path: ['question'],
    message: 'is required for answer and search, and is none of source',
  })
  .refine(({ kind, sourceId }) => (kind === 'source') === (sourceId !== undefined), {
    path: ['sourceId'],
    message: 'is required for source, and is none of answer and search',
  })

export const SubscriptionId = z.strictObject({ id: Id })
export const ListSubscriptions = listInput({})

const Item = z.object({
  contentId: Id,
  text: z.string(),
  receipts: z.array(z.string()).describe('For GET /api/receipts/{id}'),
})

export const Subscription = z
  .object({
    id: Id,
    kind: z.enum(subscriptionKinds),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
    answeredAt: z.string().describe('When its answer was last made anew'),
    createdAt: z.string(),
    feed: z.string().describe('The path of its Atom feed: whoever has it may read it'),
  })
  .meta({ id: 'Subscription' })

export const SubscriptionWithAnswer = Subscription.extend({ answer: z.array(Item) }).meta({
  id: 'SubscriptionWithAnswer',
})

export const SubscriptionPage = pageOf(Subscription)

export const ListChanges = listInputWith({ id: Id })

const Change = z
  .object({
    id: Id,
    sequence: z.string(),
    createdAt: z.string(),
    new: z.array(Item),
    gone: z.array(Item),
    changed: z.array(z.object({ before: Item, after: Item })).describe('Another sentence of the same content'),
  })
  .meta({ id: 'SubscriptionChange' })

export const ChangePage = pageOf(Change)

export const FollowSubscription = z.strictObject({
  id: Id,
  lastEventId: z
    .string()
    .regex(/^\d{1,18}$/, "must be an event's id")
    .optional()
    .describe('The last event that the caller has seen; a browser sends it as the header Last-Event-ID'),
  waitSeconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(600)
    .describe(
      'The stream ends then, and a browser connects again behind the last event; 0: only what was told already',
    ),
})

export const SubscriptionEvent = z.object({
  type: z.enum(['change']),
  id: z.string().describe('Its sequence, to resume behind it'),
  change: Change,
})
export type SubscriptionEvent = z.output<typeof SubscriptionEvent>

export const FeedToken = z.strictObject({ token: cleanText(100) })
export const Feed = z.object({ atom: z.string() })
