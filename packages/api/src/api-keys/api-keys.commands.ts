import { type ApiKeyScope, type Database, sqlState, sqlStates } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import { createApiKey } from '../auth/api-key.ts'
import { hasScope, isAdmin, type Principal } from '../auth/principal.ts'
import { fieldError } from '../errors.ts'
import { keyColumns } from './api-keys.queries.ts'

/** Enough for a key per machine and their successors; few enough that nobody fills the table. */
const maxKeysPerUser = 100

interface KeyRequest {
  readonly userId: string
  readonly name: string
  readonly scopes: readonly ApiKeyScope[]
  readonly expiresAt?: string | null | undefined
  readonly rateLimitPerHour: number
  readonly rotatedFromId?: string
}

/** Nobody makes a key that can do more than their own. @throws AppError forbidden */
export function assertMayGrant(
  principal: Principal,
  { scopes, rateLimitPerHour, expiresAt }: Pick<KeyRequest, 'scopes' | 'rateLimitPerHour' | 'expiresAt'>,
): void {
  if (isAdmin(principal)) return
  const tooHigh = scopes.find((scope) => !hasScope(principal, scope))
  if (tooHigh !== undefined) throw fieldError('forbidden', 'scopes', `${tooHigh} is more than your own key may do`)
  if (rateLimitPerHour > principal.rateLimitPerHour) {
    throw fieldError('forbidden', 'rateLimitPerHour', `is more than your own key's ${principal.rateLimitPerHour}`)
  }
  const { expiresAt: ownEnd } = principal
  if (ownEnd !== null && (expiresAt == null || Date.parse(expiresAt) > Date.parse(ownEnd))) {
    throw fieldError('forbidden', 'expiresAt', `must not be later than your own key's end, ${ownEnd}`)
  }
}

/**
 * Stores the hash of a new key; the key itself is in the answer and nowhere else.
 *
 * @throws AppError not_found (userId), conflict (100 keys that work)
 */
export async function insertKey(trx: Transaction<Database> | Kysely<Database>, request: KeyRequest) {
  const { userId, name, scopes, expiresAt = null, rateLimitPerHour, rotatedFromId = null } = request
  const { key, prefix, keyHash } = createApiKey()
  const row = {
    userId,
    name,
    scopes: [...new Set(scopes)],
    expiresAt,
    rateLimitPerHour,
    rotatedFromId,
    prefix,
    keyHash,
  }
  const stored = await trx
    .insertInto('apiKeys')
    .values(row)
    .returning(keyColumns)
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (sqlState(error) === sqlStates.foreignKeyViolation) throw fieldError('not_found', 'userId', 'names no user')
      throw error
    })
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from api_keys
    where user_id = ${userId} and not is_revoked and (expires_at is null or expires_at > now())`.execute(trx)
  if ((rows[0]?.count ?? 0) > maxKeysPerUser) {
    throw fieldError('conflict', 'name', `a user has at most ${maxKeysPerUser} keys that work: revoke one first`)
  }
  return { ...stored, key }
}

/** A key that the principal may change: their own, or for admins anyone's. @throws AppError not_found */
export async function lockKey(trx: Transaction<Database>, principal: Principal, id: string) {
  let query = trx
    .selectFrom('apiKeys')
    .select([...keyColumns, 'userId'])
    .where('id', '=', id)
  if (!isAdmin(principal)) query = query.where('userId', '=', principal.userId)
  const key = await query.forUpdate().executeTakeFirst()
  if (key === undefined) throw fieldError('not_found', 'id', 'names no key of yours')
  return key
}

/** Lets a key work for `seconds` more, or less where it ends sooner anyway. */
export async function limitKey(trx: Transaction<Database>, id: string, seconds: number): Promise<void> {
  await sql`
    update api_keys set expires_at = least(expires_at, now() + ${seconds} * interval '1 second')
    where id = ${id}`.execute(trx)
}

/** Revoking twice is the same as once. */
export async function revokeKey(trx: Transaction<Database>, id: string) {
  return trx
    .updateTable('apiKeys')
    .set({ isRevoked: true, revokedAt: sql<string>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .returning(keyColumns)
    .executeTakeFirstOrThrow()
}
