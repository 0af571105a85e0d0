import type { ApiKeyScope } from '@extropy/db'

/** The caller: the user of the key that a request came with. */
export interface Principal {
  readonly userId: string
  readonly keyId: string
  readonly scopes: readonly ApiKeyScope[]
  readonly rateLimitPerHour: number
  /** The largest limit among the user's working keys: all of them together get no more. */
  readonly userRateLimitPerHour: number
  /** When the key ends; null: never. */
  readonly expiresAt: string | null
}

/** Each scope holds those before it. */
const order: readonly ApiKeyScope[] = ['read', 'write', 'admin']

export function hasScope({ scopes }: Pick<Principal, 'scopes'>, needed: ApiKeyScope): boolean {
  return scopes.some((scope) => order.indexOf(scope) >= order.indexOf(needed))
}

export function isAdmin(principal: Principal | undefined): boolean {
  return principal !== undefined && hasScope(principal, 'admin')
}
