import { attributionTypes } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInputWith, pageOf } from '../pagination.ts'

export const ListBacklinks = listInputWith({ cardId: Id })
export const ListReceived = listInputWith({ userId: Id })
export const AttributionId = z.strictObject({ id: Id })
export const CountsOf = z.strictObject({ cardId: Id })

export const AttributionGraphInput = z.strictObject({
  cardId: Id,
  depth: z.number().int().min(1).max(3).default(1),
  maxNodes: z.number().int().min(1).max(1000).default(200).describe('Cards in the answer; nearest ones first'),
})

export const CreateAttribution = z.strictObject({
  sourceCardId: Id.describe('The published card that is cited, remixed or answered; its author is paid'),
  targetCardId: Id.describe('Your published card that cites, remixes or answers it'),
  type: z.enum(attributionTypes).describe('citation: 0.1 tokens, remix: 0.5, reply: 0.05'),
  context: cleanText(5000).optional(),
  excerpt: cleanText(5000).optional(),
})

const tokens = z.string().describe('A decimal string with 8 places')
const created = {
  id: Id,
  sourceCardId: Id,
  sourceUserId: Id,
  targetCardId: Id,
  targetUserId: Id,
  type: z.enum(attributionTypes),
  context: z.string().nullable(),
  excerpt: z.string().nullable(),
  tokensTransferred: tokens,
  createdAt: z.string(),
}

export const NewAttribution = z.object(created).meta({ id: 'NewAttribution' })

const withTarget = {
  ...created,
  targetTitle: z.string(),
  targetUsername: z.string(),
  targetDisplayName: z.string(),
}

export const Attribution = z
  .object({ ...withTarget, sourceUsername: z.string(), sourceDisplayName: z.string() })
  .meta({ id: 'Attribution' })

export const ListedAttribution = z.object(withTarget).meta({ id: 'ListedAttribution' })

export const AttributionPage = pageOf(ListedAttribution)

const count = z.object({ count: z.number().int(), tokens })
export const AttributionCounts = z
  .object({ citation: count, remix: count, reply: count })
  .meta({ id: 'AttributionCounts' })

export const AttributionGraph = z
  .object({
    nodes: z.array(
      z.object({
        cardId: Id,
        title: z.string(),
        userId: Id,
        username: z.string(),
        displayName: z.string(),
        depth: z.number().int().describe('Steps from the card that was asked for'),
        cites: z
          .array(z.object({ cardId: Id, type: z.enum(attributionTypes) }))
          .readonly()
          .describe('The cards of this answer that this one cites, remixes or answers'),
      }),
    ),
    truncated: z.boolean().describe('Whether there were more cards than maxNodes'),
  })
  .meta({ id: 'AttributionGraph' })
