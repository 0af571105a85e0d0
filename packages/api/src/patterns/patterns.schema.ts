import { patternTypes } from '@extropy/db'
import { z } from 'zod'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListPatterns = listInput({
  sort: z.enum(['discovered', 'confidence']).default('discovered').describe('Newest first, or surest first'),
  authorId: Id.optional().describe('Only patterns of this author'),
  type: z.enum(patternTypes).optional(),
})

export const PatternId = z.strictObject({ id: Id })

const PatternSummary = z.object({
  id: Id,
  authorId: Id,
  type: z.enum(patternTypes),
  description: z.string(),
  confidenceScore: z.number().min(0).max(1),
  discoveredAt: z.string(),
})

export const Pattern = PatternSummary.extend({
  contentIds: z.array(Id).describe('The contents that it was seen in'),
}).meta({ id: 'Pattern' })

export const PatternPage = pageOf(PatternSummary)
