import type { ApiKeyScope } from '@extropy/db'
import { insertKey } from '../api-keys/api-keys.commands.ts'
import type { Principal } from '../auth/principal.ts'
import type { Deps } from '../context.ts'
import { inTransaction } from '../transaction.ts'
import { createUser } from '../users/users.commands.ts'
import { createTestCaller } from './test-deps.ts'

export interface TestAccount {
  readonly userId: string
  /** Of `key`. */
  readonly principal: Principal
  /** Goes in an Authorization header. */
  readonly key: string
  /** Calls procedures with this key, optionally under an Idempotency-Key. */
  as(idempotencyKey?: string): ReturnType<typeof createTestCaller>
}

let made = 0

/** A user with a key of the scope and those before it, and so many tokens. */
export async function createAccount(
  deps: Deps,
  { scope = 'write', tokens, name = `user${++made}` }: { scope?: ApiKeyScope; tokens?: string; name?: string } = {},
): Promise<TestAccount> {
  const user = await createUser(deps.db, {
    username: name,
    email: `${name}@example.org`,
    displayName: undefined,
    bio: undefined,
  })
  const account = await createKeyOf(deps, user.id, scope)
  if (tokens !== undefined) {
    const admin: Principal = { ...account.principal, scopes: ['admin'] }
    await createTestCaller(deps, admin).tokens.award({ toUserId: user.id, amount: tokens })
  }
  return account
}

/** One more key for a user. */
export async function createKeyOf(deps: Deps, userId: string, scope: ApiKeyScope): Promise<TestAccount> {
  const scopes: ApiKeyScope[] =
    scope === 'admin' ? ['read', 'write', 'admin'] : scope === 'write' ? ['read', 'write'] : ['read']
  const request = { userId, name: 'test', scopes, rateLimitPerHour: 1_000_000, expiresAt: null }
  const { id, key } = await inTransaction(deps.db, (trx) => insertKey(trx, request))
  const limits = { rateLimitPerHour: 1_000_000, userRateLimitPerHour: 1_000_000 }
  const principal = { userId, keyId: id, scopes, ...limits, expiresAt: null }
  return { userId, principal, key, as: (idempotencyKey) => createTestCaller(deps, principal, idempotencyKey) }
}
