import type { Bucket, Charge, Principal } from '@extropy/api'
import { networkOf } from './address.ts'

/**
 * The buckets that a request is charged to. With a valid key: its user's, with the largest limit among the user's keys, so
 * that more keys are not more requests; and the key's own where its limit is smaller. Otherwise, wrong keys included: the
 * address's, so that a flood of wrong keys exhausts neither the owner of a right one nor the memory.
 */
export function bucketsFor(
  principal: Principal | undefined,
  address: string | undefined,
  anonymousPerHour: number,
): readonly Bucket[] {
  if (principal === undefined) {
    return [{ name: `address:${networkOf(address ?? 'unknown')}`, limit: anonymousPerHour }]
  }
  const { userId, keyId, rateLimitPerHour, userRateLimitPerHour } = principal
  const user = { name: `user:${userId}`, limit: userRateLimitPerHour }
  return rateLimitPerHour < userRateLimitPerHour ? [user, { name: `key:${keyId}`, limit: rateLimitPerHour }] : [user]
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10: the limit, what is left of it, and seconds until more is. */
export const policyField = ({ limit }: Charge) => `"hour";q=${limit};w=3600`
export const limitField = ({ remaining, resetSeconds }: Charge) => `"hour";r=${remaining};t=${resetSeconds}`
