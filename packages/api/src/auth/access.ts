import type { ApiKeyScope } from '@extropy/db'
import { AppError, fieldError } from '../errors.ts'
import { hasScope, isAdmin, type Principal } from './principal.ts'

/**
 * A procedure's access rule. Every procedure has one, from the builder that makes it (trpc.ts); docs/authorization.md lists
 * them all, and a test compares that page with the router.
 */
export interface Access {
  /** The scope that the caller's key must have; `none`: no key is needed, though a wrong one is refused. */
  readonly scope: 'none' | ApiKeyScope
  /**
   * `everyone`: the same for all; the procedure does not see the caller.
   * `public`: shows public rows, and to a key's user also their own.
   * `own`: the key's user's own rows and nobody else's, whatever the scope.
   * `ownOrAdmin`: own rows; for admins anyone's.
   * `any`: anyone's rows.
   */
  readonly reach: 'everyone' | 'public' | 'own' | 'ownOrAdmin' | 'any'
}

/** The refusal, `unauthenticated` or `forbidden`; undefined where the caller may call. */
export function accessRefusal(access: Access, principal: Principal | undefined): AppError | undefined {
  if (access.scope === 'none') return undefined
  if (principal === undefined) return new AppError('unauthenticated', needsKey)
  if (hasScope(principal, access.scope)) return undefined
  return new AppError(
    'forbidden',
    `This needs a key with the scope ${access.scope}; yours has ${principal.scopes.join(', ')}.`,
  )
}

/**
 * For rows that a user's id names: the caller's own, or any for an admin.
 *
 * @throws AppError forbidden
 */
export function assertOwnOrAdmin(principal: Principal, userId: string, field = 'userId'): void {
  if (principal.userId === userId || isAdmin(principal)) return
  throw fieldError('forbidden', field, 'is another user: only that user and admins may do this')
}

/** The user whose rows a caller may touch: the caller; for an admin undefined, which is anyone. */
export function ownerFor(principal: Principal): string | undefined {
  return isAdmin(principal) ? undefined : principal.userId
}

const needsKey = 'This needs an API key: send it as «Authorization: Bearer extro_live_…».'

/** One answer for keys that are unknown, revoked, expired or no keys at all: a guesser learns nothing. */
export const invalidKeyMessage = 'The API key is not valid: it is unknown, revoked or expired.'
