import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Lsn } from '@extropy/db'

/** Places in the primary's log, as callers carry them. */
export interface Stamps {
  write(lsn: Lsn): string
  /** Undefined for what no server of this database wrote. */
  read(stamp: string): Lsn | undefined
}

/** 96 bits of it: nobody guesses one within a rate limit. */
const macBytes = 12
/** The place in hexadecimal, so that of two stamps the later one sorts behind; then the signature. */
const form = /^[\dA-F]{16}[\w-]{16}$/

/**
 * Signed, so that nobody can make one of a place that is still to come, and have all their reads wait for it. The key comes
 * from the database's id, which has a random part, stays inside, and is the same for all servers on it.
 */
export function createStamps(databaseId: string): Stamps {
  const key = createHmac('sha256', databaseId).update('extropy-stamp').digest()
  const macOf = (place: string) => createHmac('sha256', key).update(place).digest().subarray(0, macBytes)
  return {
    write(lsn) {
      const place = lsn.toString(16).toUpperCase().padStart(16, '0')
      return place + macOf(place).toString('base64url')
    },
    read(stamp) {
      if (!form.test(stamp)) return undefined
      const place = stamp.slice(0, 16)
      return timingSafeEqual(Buffer.from(stamp.slice(16), 'base64url'), macOf(place)) ? BigInt(`0x${place}`) : undefined
    },
  }
}
