import { type ApiKeyScope, announceChanges, apiKeyScopes, type Database } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import { fieldError } from '../errors.ts'
import { inTransaction } from '../transaction.ts'
import { createUser } from '../users/users.commands.ts'
import { findUserByUsername } from '../users/users.queries.ts'
import { CreateUser } from '../users/users.schema.ts'
import { insertKey, revokeKey, rotateKey } from './api-keys.commands.ts'
import { keyColumns } from './api-keys.queries.ts'
import { CreateKey } from './api-keys.schema.ts'

export interface IssueKey {
  readonly username: string
  /** Includes those before it: `admin` is read, write and admin. */
  readonly scope: ApiKeyScope
  /** For a user that does not exist yet. Default: NAME@users.invalid. */
  readonly email?: string | undefined
  readonly name?: string | undefined
  readonly rateLimitPerHour?: number | undefined
}

/**
 * Creates a key by a command on the server itself, such as the first key of all. The user is created where none has that
 * name.
 *
 * @throws ZodError where a name, an address or a limit is not valid.
 */
export async function issueKey(db: Kysely<Database>, { username, scope, email, name, rateLimitPerHour }: IssueKey) {
  const newUser = CreateUser.parse({ username, email: email ?? `${username.toLowerCase()}@users.invalid` })
  const scopes = apiKeyScopes.slice(0, apiKeyScopes.indexOf(scope) + 1)
  const input = CreateKey.parse({ name: name ?? `${scope} key`, scopes, rateLimitPerHour })
  return inTransaction(db, async (trx) => {
    const known = await findUserByUsername(trx, username)
    const user = known ?? (await createUser(trx, newUser))
    const key = await insertKey(trx, { ...input, userId: user.id })
    await record(trx, 'keys.create', key.id, { userId: user.id, prefix: key.prefix, scopes })
    if (known === undefined) await announceChanges(trx, ['users'])
    return { key: key.key, scopes, user, isNewUser: known === undefined }
  })
}

/**
 * The keys of a user, or of all, with their users' names, newest first, revoked ones too; never a hash.
 *
 * @throws AppError not_found
 */
export async function keysByCommand(db: Kysely<Database>, username?: string) {
  const user = username === undefined ? undefined : await findUserByUsername(db, username)
  if (username !== undefined && user === undefined) {
    throw fieldError('not_found', 'user', `there is no user ${username}`)
  }
  let query = db
    .selectFrom('apiKeys')
    .innerJoin('users', 'users.id', 'apiKeys.userId')
    .select('users.username')
    .select(keyColumns.map((column) => `apiKeys.${column}` as const))
    .orderBy('apiKeys.createdAt', 'desc')
  if (user !== undefined) query = query.where('apiKeys.userId', '=', user.id)
  return query.execute()
}

/** Revokes a key; running servers refuse it a moment after this has answered. @throws AppError not_found */
export function revokeByCommand(db: Kysely<Database>, prefix: string) {
  return inTransaction(db, async (trx) => {
    const { id } = await lockByPrefix(trx, prefix)
    await record(trx, 'keys.revoke', id)
    return revokeKey(trx, id)
  })
}

/** Creates a key's successor; the old key works for `overlapSeconds` more. @throws AppError not_found, conflict (the key has ended) */
export function rotateByCommand(db: Kysely<Database>, prefix: string, overlapSeconds: number) {
  return inTransaction(db, async (trx) => {
    const old = await lockByPrefix(trx, prefix)
    const successor = await rotateKey(trx, old, overlapSeconds)
    await record(trx, 'keys.rotate', old.id, { successor: successor.id, overlapSeconds })
    return successor
  })
}

/** Every key begins with these. */
const common = 'extro_live_'

/** Locks a key, found by its first characters as lists show them: they are no secret. */
async function lockByPrefix(trx: Transaction<Database>, prefix: string) {
  const columns = [...keyColumns, 'userId'] as const
  if (common.startsWith(prefix))
    throw fieldError('not_found', 'prefix', `every key begins with ${common}: give more of it`)
  const keys = await trx
    .selectFrom('apiKeys')
    .select(columns)
    .where(sql<boolean>`starts_with(prefix, ${prefix})`)
    .limit(2)
    .forUpdate()
    .execute()
  const [key, another] = keys
  if (key === undefined) throw fieldError('not_found', 'prefix', `no key begins with ${prefix}: keys list shows them`)
  if (another !== undefined)
    throw fieldError('conflict', 'prefix', `several keys begin with ${prefix}: give more of it, or use the API`)
  return key
}

/** Writes the audit log and announces it; the table's trigger tells servers of the key's change. */
async function record(trx: Transaction<Database>, action: string, target: string, details: object = {}): Promise<void> {
  const said = JSON.stringify({ ...details, byCommand: true }) as never
  await trx.insertInto('auditLog').values({ action, target, details: said }).execute()
  await announceChanges(trx, ['auditLog', 'apiKeys'])
}
