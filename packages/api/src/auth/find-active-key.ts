import { type Database, hotRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

const selectActiveKey = hotRead('apiKeys.findActiveKey', (db, input: { keyHash: Uint8Array }) =>
  db
    .selectFrom('apiKeys')
    .select(['id', 'userId', 'keyHash', 'scopes', 'rateLimitPerHour', 'expiresAt'])
    .where('keyHash', '=', input.keyHash)
    // Literals: the planner must see that the partial index fits.
    .where('isActive', '=', sql.lit(true))
    .where('isRevoked', '=', sql.lit(false))
    .where(({ eb, or }) => or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql<string>`now()`)])),
)

/** The key with this sha-256, unless it is switched off, revoked or expired. */
export async function findActiveKey(db: Kysely<Database>, keyHash: Uint8Array) {
  const [key] = await selectActiveKey(db, { keyHash })
  return key
}
