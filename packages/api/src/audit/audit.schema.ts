import { z } from 'zod'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'

export const ListAuditLog = listInput({
  actorUserId: Id.optional().describe('Only actions of this user'),
})

export const AuditEntry = z
  .object({
    id: Id,
    actorUserId: Id.nullable().describe('Null: a command on the server itself'),
    actorKeyId: Id.nullable(),
    action: z.string().describe('The procedure'),
    target: z.string().nullable().describe('The id of the object that the action changed'),
    details: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'AuditEntry' })

export const AuditLogPage = pageOf(AuditEntry)
