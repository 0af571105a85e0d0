import { type ApiKeyScope, type Database, rawRead, rawWrite } from '@extropy/db'
import { sql, type Transaction } from 'kysely'

import { createApiKey } from '../auth/api-key.ts'
import { hasScope, isAdmin, type Principal } from '../auth/principal.ts'
import { fieldError } from '../errors.ts'
import { keyColumns } from './api-keys.queries.ts'

/** Enough for a key per machine and their successors. */
const maxWorkingKeys = 100
/** Bounds on a user's rows in the table: new keys a day, and days that an ended key is kept. */
const maxKeysPerDay = 200
const keptDays = 30

interface KeyRequest {
  readonly userId: string
  readonly name: string
  readonly scopes: readonly ApiKeyScope[]
  readonly expiresAt?: string | null | undefined
  readonly rateLimitPerHour: number
  readonly rotatedFromId?: string
}

/** Refuses a key that can do more than the caller's own. @throws AppError forbidden */
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
 * Stores the hash of a new key; the key itself is in the answer and nowhere else. Keys of the user that ended long ago go.
 *
 * @throws AppError not_found (userId), conflict (100 keys that work), rate_limited (200 keys within a day)
 */
export async function insertKey(trx: Transaction<Database>, request: KeyRequest) {
  const { userId, name, scopes, expiresAt = null, rateLimitPerHour, rotatedFromId = null } = request
  await lockUser(trx, userId)
  await trx
    .deleteFrom('apiKeys')
    .where('userId', '=', userId)
    .where(sql<boolean>`coalesce(revoked_at, expires_at) < now() - ${keptDays} * interval '1 day'`)
    .execute()
  await assertMayHaveOneMore(trx, userId)
  const { key, prefix, keyHash } = createApiKey()
  const limits = { scopes: [...new Set(scopes)], expiresAt, rateLimitPerHour }
  const stored = await trx
    .insertInto('apiKeys')
    .values({ userId, name, ...limits, rotatedFromId, prefix, keyHash })
    .returning(keyColumns)
    .executeTakeFirstOrThrow()
  return { ...stored, key }
}

/** Locks the user, so that keys are created one at a time and the count is exact. Payments of the user wait for it. */
async function lockUser(trx: Transaction<Database>, userId: string): Promise<void> {
  const user = await trx.selectFrom('users').select('id').where('id', '=', userId).forNoKeyUpdate().executeTakeFirst()
  if (user === undefined) throw fieldError('not_found', 'userId', 'no such user')
}

async function assertMayHaveOneMore(trx: Transaction<Database>, userId: string): Promise<void> {
  const { rows } = await rawRead(
    ['apiKeys'],
    sql<{ working: number; recent: number }>`
    select count(*) filter (where not is_revoked and (expires_at is null or expires_at > now()))::int as working,
      count(*) filter (where created_at > now() - interval '1 day')::int as recent
    from api_keys where user_id = ${userId}`,
  ).execute(trx)
  const { working = 0, recent = 0 } = rows[0] ?? {}
  if (working >= maxWorkingKeys) {
    throw fieldError('conflict', 'name', `a user has at most ${maxWorkingKeys} working keys: revoke one first`)
  }
  if (recent >= maxKeysPerDay) {
    throw fieldError(
      'rate_limited',
      'name',
      `a user may make at most ${maxKeysPerDay} keys within a day: try again tomorrow`,
    )
  }
}

/** A key that the principal may change: their own, or for admins anyone's. @throws AppError not_found */
export async function lockKey(trx: Transaction<Database>, principal: Principal, id: string) {
  let query = trx
    .selectFrom('apiKeys')
    .select([...keyColumns, 'userId'])
    .where('id', '=', id)
  if (!isAdmin(principal)) query = query.where('userId', '=', principal.userId)
  const key = await query.forUpdate().executeTakeFirst()
  if (key === undefined) throw fieldError('not_found', 'id', 'no such key of yours')
  return key
}

/** A key's successor, with the same rights. @throws AppError conflict where the key has ended, and as `insertKey` */
export async function rotateKey(
  trx: Transaction<Database>,
  old: Awaited<ReturnType<typeof lockKey>>,
  overlapSeconds: number,
) {
  const hasEnded = old.expiresAt !== null && Date.parse(old.expiresAt) <= Date.now()
  if (old.isRevoked || hasEnded) throw fieldError('conflict', 'id', 'no longer works: create a new key instead')
  const { userId, name, scopes, expiresAt, rateLimitPerHour } = old
  const key = await insertKey(trx, { userId, name, scopes, expiresAt, rateLimitPerHour, rotatedFromId: old.id })
  await limitKey(trx, old.id, overlapSeconds)
  return key
}

/** Lets a key work for `seconds` more, or less where it ends sooner anyway. */
async function limitKey(trx: Transaction<Database>, id: string, seconds: number): Promise<void> {
  await rawWrite(
    ['apiKeys'],
    sql`
    update api_keys set expires_at = least(expires_at, now() + ${seconds} * interval '1 second')
    where id = ${id}`,
  ).execute(trx)
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
