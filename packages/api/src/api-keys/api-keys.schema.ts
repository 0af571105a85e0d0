import { apiKeyScopes } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'
import { Timestamp } from '../timestamp.ts'

const defaultRateLimitPerHour = 1000
const dayS = 86_400

export const ListKeys = listInput({
  userId: Id.optional().describe('Default: the caller; another user for admins only'),
})

export const KeyId = z.strictObject({ id: Id })

export const CreateKey = z.strictObject({
  name: cleanText(200).trim().min(1).describe('The purpose, for people'),
  scopes: z.array(z.enum(apiKeyScopes)).min(1).max(3).describe('At most the scopes of the calling key'),
  expiresAt: Timestamp.refine((at) => Date.parse(at) > Date.now(), 'must be in the future')
    .transform((at) => new Date(at).toISOString())
    .optional()
    .describe('ISO 8601; left out: never'),
  rateLimitPerHour: z
    .number()
    .int()
    .min(1)
    .max(2_000_000_000)
    .default(defaultRateLimitPerHour)
    .describe("Requests an hour; only admins may exceed the calling key's limit"),
  userId: Id.optional().describe('Default: the caller; another user for admins only'),
})

export const RotateKey = z.strictObject({
  id: Id,
  overlapSeconds: z
    .number()
    .int()
    .min(0)
    .max(30 * dayS)
    .default(dayS)
    .describe('How long the old key still works beside the new one; at most 30 days'),
})

export const ApiKey = z
  .object({
    id: Id,
    name: z.string(),
    prefix: z.string().describe('The first characters, to tell keys apart'),
    scopes: z.array(z.enum(apiKeyScopes)),
    isActive: z.boolean(),
    isRevoked: z.boolean(),
    revokedAt: z.string().nullable(),
    expiresAt: z.string().nullable(),
    rateLimitPerHour: z.number().int(),
    rotatedFromId: Id.nullable(),
    lastUsedAt: z.string().nullable().describe('Accurate to about a minute'),
    createdAt: z.string(),
  })
  .meta({ id: 'ApiKey' })

export const NewApiKey = ApiKey.extend({ key: z.string().describe('Shown only once, here') }).meta({ id: 'NewApiKey' })

export const ApiKeyPage = pageOf(ApiKey)
