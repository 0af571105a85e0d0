import { z } from 'zod'

/** A moment with its zone that PostgreSQL reads, and writes back as ISO 8601. */
export const Timestamp = z.iso
  .datetime({
    offset: true,
    abort: true,
    error: 'must be an ISO 8601 date and time with its zone, such as 2026-01-31T12:00:00Z',
  })
  .refine(isStorable, 'must be a time that exists, in the years 1 to 9999, its zone at most 15:59 from UTC')

/** Longer ones PostgreSQL does not read; those of any use have nine digits after the second. */
const maxLength = 40

/** PostgreSQL reads no year 0 and no zone beyond 15:59; before year 1 and after 9999 it writes what is not ISO 8601. */
export function isStorable(time: string): boolean {
  const year = new Date(time).getUTCFullYear()
  return (
    time.length <= maxLength &&
    !time.startsWith('0000') &&
    !/[+-](1[6-9]|2\d):\d\d$/.test(time) &&
    year >= 1 &&
    year <= 9999 &&
    // It rounds to six digits, and the last moment of 9999 up to the year 10000.
    !/^9999-.*\.\d{7}/.test(time)
  )
}
