import { createHmac, timingSafeEqual } from 'node:crypto'
import type { LogPlace } from '@extropy/db'

/** Places in the primary's log, as callers carry them. */
export interface Stamps {
  write(place: LogPlace): string
  /** Undefined for what no server of this database wrote. */
  read(stamp: string): LogPlace | undefined
}

/** 96 bits of it: nobody guesses one within a rate limit. */
const macBytes = 12
/** Timeline and place in hexadecimal, so that of two stamps the later one sorts behind; then the signature. */
const form = /^[\dA-F]{24}[\w-]{16}$/
const [timelineDigits, lsnDigits] = [8, 16]
const placeDigits = timelineDigits + lsnDigits

/**
 * Signed, so that nobody can make one of a place that is still to come, and have all their reads wait for it. The key comes
 * from the database's id, which has a random part, stays inside, and is the same for all servers on it.
 */
export function createStamps(databaseId: string): Stamps {
  const key = createHmac('sha256', databaseId).update('extropy-stamp').digest()
  const macOf = (place: string) => createHmac('sha256', key).update(place).digest().subarray(0, macBytes)
  return {
    write({ timeline, lsn }) {
      const place = hex(timeline, timelineDigits) + hex(lsn, lsnDigits)
      return place + macOf(place).toString('base64url')
    },
    read(stamp) {
      if (!form.test(stamp)) return undefined
      const place = stamp.slice(0, placeDigits)
      if (!timingSafeEqual(Buffer.from(stamp.slice(placeDigits), 'base64url'), macOf(place))) return undefined
      return {
        timeline: Number.parseInt(place.slice(0, timelineDigits), 16),
        lsn: BigInt(`0x${place.slice(timelineDigits)}`),
      }
    },
  }
}

/** Whether it claims a newer timeline; it may not be a stamp at all. */
export function isNewer(stamp: string, timeline: number): boolean {
  return stamp.slice(0, timelineDigits) > hex(timeline, timelineDigits)
}

function hex(number: number | bigint, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0')
}
