import type { Principal } from '../auth/principal.ts'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { inTransaction } from '../transaction.ts'
import { createUser } from '../users/users.commands.ts'
import { findUserByUsername } from '../users/users.queries.ts'

/** Commands on the server's own machine act as this user, which is made when one first does. */
const username = 'local'

/**
 * The caller who proved to be at home, by what only the owner of the database's folder can read. That owner could as well stop the
 * server and open the database, so that every scope is theirs. `keyId` is for the audit log: there is no such row.
 */
export async function localPrincipal(deps: Pick<Deps, 'db' | 'cache'>, keyId: string): Promise<Principal> {
  const { id: userId } = (await findUserByUsername(deps.db, username)) ?? (await makeUser(deps))
  const unlimited = { rateLimitPerHour: 1e9, userRateLimitPerHour: 1e9, expiresAt: null }
  return { userId, keyId, scopes: ['read', 'write', 'admin'], ...unlimited }
}

async function makeUser(deps: Pick<Deps, 'db' | 'cache'>): Promise<{ readonly id: string }> {
  return invalidating(deps, (db) =>
    inTransaction(db, (trx) =>
      createUser(trx, { username, email: `${username}@users.invalid`, displayName: 'Commands on this machine' }),
    ),
  ).catch(async (error) => {
    // Two commands at once: the other one has made it.
    const made = await findUserByUsername(deps.db, username)
    if (made === undefined) throw error
    return made
  })
}
