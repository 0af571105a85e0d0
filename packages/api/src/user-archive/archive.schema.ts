import { z } from 'zod'
import { ApiKey } from '../api-keys/api-keys.schema.ts'
import { ListedAttribution, NewAttribution } from '../attributions/attributions.schema.ts'
import { AuditEntry } from '../audit/audit.schema.ts'
import { OwnCard } from '../cards/cards.schema.ts'
import { ResearchSession } from '../research-sessions/research-sessions.schema.ts'
import { LedgerEntry, TokenStats } from '../tokens/tokens.schema.ts'
import { User } from '../users/users.schema.ts'

/** A line of a user's archive. */
export const ArchiveLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('user'), user: User, tokens: TokenStats }),
  z.object({ type: z.literal('key'), key: ApiKey }),
  z.object({ type: z.literal('card'), card: OwnCard }),
  z.object({
    type: z.literal('attributionMade'),
    attribution: NewAttribution.describe('One of the user’s cards attributes another’s'),
  }),
  z.object({
    type: z.literal('attributionReceived'),
    attribution: ListedAttribution.describe('Another’s card attributes one of the user’s'),
  }),
  z.object({ type: z.literal('movement'), movement: LedgerEntry }),
  z.object({ type: z.literal('researchSession'), researchSession: ResearchSession }),
  z.object({ type: z.literal('act'), act: AuditEntry.describe('An act of the user’s in the audit log') }),
  z.object({
    type: z.literal('done'),
    lines: z.number().int().describe('The lines before this one: an archive without it broke off'),
  }),
])

export type ArchiveLine = z.input<typeof ArchiveLine>
