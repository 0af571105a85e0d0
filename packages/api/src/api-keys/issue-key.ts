import { type ApiKeyScope, announceChanges, apiKeyScopes, type Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { inTransaction } from '../transaction.ts'
import { createUser } from '../users/users.commands.ts'
import { findUserByUsername } from '../users/users.queries.ts'
import { CreateUser } from '../users/users.schema.ts'
import { insertKey } from './api-keys.commands.ts'
import { CreateKey } from './api-keys.schema.ts'

export interface IssueKey {
  readonly username: string
  /** Holds those before it: `admin` is read, write and admin. */
  readonly scope: ApiKeyScope
  /** For a user who is not there yet. Default: NAME@users.invalid. */
  readonly email?: string | undefined
  readonly name?: string | undefined
  readonly rateLimitPerHour?: number | undefined
}

/**
 * A key by command on the server itself, whose rights are those over the database: how the first one comes about. The
 * user is made where there is none of that name.
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
    const details = JSON.stringify({ userId: user.id, prefix: key.prefix, scopes, byCommand: true }) as never
    await trx.insertInto('auditLog').values({ action: 'keys.create', target: key.id, details }).execute()
    await announceChanges(trx, ['auditLog', known === undefined ? 'users' : 'apiKeys'])
    return { key: key.key, scopes, user, isNewUser: known === undefined }
  })
}
