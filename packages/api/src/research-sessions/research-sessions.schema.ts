import { platforms, researchStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'
import { storableJson } from '../storable-json.ts'

export const ListResearchSessions = listInput({
  status: z.enum(researchStatuses).optional(),
  userId: Id.optional().describe('Default: the caller; another user for admins only'),
})

export const SessionId = z.strictObject({ id: Id })

const words = z.array(cleanText(200).trim().min(1)).max(100)

export const CreateSession = z.strictObject({
  name: cleanText(200).trim().min(1),
  brief: cleanText(20_000).describe('The question to be researched'),
  platforms: z.array(PlatformName).max(platforms.length).default([]),
  keywords: words.default([]),
  targetAuthorities: words.default([]).describe('Authors to be treated as authorities'),
})

const count = z.number().int().min(0).max(2_147_483_647)

export const UpdateSession = z
  .strictObject({
    id: Id,
    contentsFound: count.optional(),
    contentsAnalyzed: count.optional(),
    patternsFound: count.optional(),
    outputs: storableJson(100_000).optional().describe('Replaces the earlier outputs'),
    status: z.enum(['completed', 'failed']).optional().describe('Ends the session, which can no longer change then'),
  })
  .refine(
    ({ id, ...changes }) => Object.values(changes).some((change) => change !== undefined),
    'must have at least one field to change',
  )

const summary = {
  id: Id,
  userId: Id,
  name: z.string(),
  status: z.enum(researchStatuses),
  platforms: z.array(PlatformName),
  keywords: z.array(z.string()),
  contentsFound: z.number().int(),
  contentsAnalyzed: z.number().int(),
  patternsFound: z.number().int(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
}

export const ResearchSession = z
  .object({
    ...summary,
    brief: z.string(),
    targetAuthorities: z.array(z.string()),
    outputs: z.record(z.string(), z.unknown()),
    updatedAt: z.string(),
  })
  .meta({ id: 'ResearchSession' })

export const SessionPage = pageOf(z.object(summary))
