import { z } from 'zod'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListAuditLog = listInput({
  actorUserId: Id.optional().describe('Only what this user did'),
})

export const AuditLogPage = pageOf(
  z.object({
    id: Id,
    actorUserId: Id.nullable().describe('Null: a command on the server itself'),
    actorKeyId: Id.nullable(),
    action: z.string().describe('The procedure'),
    target: z.string().nullable().describe('The id of what it was done to'),
    details: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    createdAt: z.string(),
  }),
)
