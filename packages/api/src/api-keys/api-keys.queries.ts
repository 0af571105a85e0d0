import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListKeys } from './api-keys.schema.ts'

export const keyColumns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'isActive',
  'isRevoked',
  'revokedAt',
  'expiresAt',
  'rateLimitPerHour',
  'rotatedFromId',
  'lastUsedAt',
  'createdAt',
] as const

const byCreation = defineKeyset('api-keys', 'createdAt', 'id')

/** A user's keys, revoked ones too, newest first; never a hash. */
export async function listApiKeys(
  db: Kysely<Database>,
  { userId, ...page }: z.output<typeof ListKeys> & { userId: string },
) {
  return keysetPage(db.selectFrom('apiKeys').select(keyColumns).where('userId', '=', userId), byCreation, page)
}
