import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { defineCursor, timestampKey, toPage } from '../pagination.ts'
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

const keyCursor = defineCursor('api-keys', [timestampKey, z.uuid()])

/** A user's keys, revoked ones too, newest first; never a hash. */
export async function listApiKeys(
  db: Kysely<Database>,
  { userId, limit, cursor }: z.output<typeof ListKeys> & { userId: string },
) {
  let query = db.selectFrom('apiKeys').select(keyColumns).where('userId', '=', userId)
  if (cursor !== undefined) {
    const [createdAt, id] = keyCursor.decode(cursor)
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('createdAt', 'id'), '<', tuple(createdAt, id)))
  }
  const rows = await query
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => keyCursor.encode([row.createdAt, row.id]))
}
