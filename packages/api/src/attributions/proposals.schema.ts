import { attributionTypes } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListProposals = listInput({})
export const ProposalId = z.strictObject({ id: Id.describe('The proposal’s id') })

export const AcceptProposal = z.strictObject({
  id: Id.describe('The proposal’s id'),
  type: z.enum(attributionTypes).default('citation').describe('citation: 0.1 tokens, remix: 0.5, reply: 0.05'),
  context: cleanText(5000).optional(),
})

const Sentence = z.object({
  start: z.number().int().describe('UTF-16 units of the card’s body'),
  end: z.number().int(),
  text: z.string(),
})

export const AttributionProposal = z
  .object({
    id: Id,
    sourceCardId: Id.describe('The older card, of another user'),
    sourceTitle: z.string(),
    sourceUserId: Id,
    sourceUsername: z.string(),
    sourceDisplayName: z.string(),
    targetCardId: Id.describe('Your card'),
    targetTitle: z.string(),
    coverage: z.number().min(0).max(1).describe('The share of what the older one says that yours says too'),
    growth: z.number().describe('So many times as long'),
    added: z.array(z.string()).describe('Phrases that the older one does not have'),
    kept: z
      .array(z.object({ older: Sentence, newer: Sentence, strength: z.number() }))
      .describe('Sentences of the older one that yours says again'),
    createdAt: z.string(),
  })
  .meta({ id: 'AttributionProposal' })

export const AttributionProposalPage = pageOf(AttributionProposal)
