import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Lsn } from '@extropy/db'

/** Places in the primary's log, as callers carry them. */
export interface Stamps {
  write(lsn: Lsn): string
  /** Undefined for what no server of this database wrote. */
  read(stamp: string): Lsn | undefined
}

const lsnBytes = 8
/** 96 bits of it: nobody guesses one within a rate limit. */
const macBytes = 12
const length = Math.ceil(((lsnBytes + macBytes) * 4) / 3)

/**
 * Signed, so that nobody can make one of a place that is still to come, and have all their reads wait for it. The key comes
 * from the database's id, which has a random part, stays inside, and is the same for all servers on it.
 */
export function createStamps(databaseId: string): Stamps {
  const key = createHmac('sha256', databaseId).update('extropy-stamp').digest()
  const macOf = (place: Buffer) => createHmac('sha256', key).update(place).digest().subarray(0, macBytes)
  return {
    write(lsn) {
      const place = Buffer.alloc(lsnBytes)
      place.writeBigUInt64BE(lsn)
      return Buffer.concat([place, macOf(place)]).toString('base64url')
    },
    read(stamp) {
      if (stamp.length !== length) return undefined
      const bytes = Buffer.from(stamp, 'base64url')
      if (bytes.length !== lsnBytes + macBytes) return undefined
      const place = bytes.subarray(0, lsnBytes)
      return timingSafeEqual(bytes.subarray(lsnBytes), macOf(place)) ? place.readBigUInt64BE() : undefined
    },
  }
}
