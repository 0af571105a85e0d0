import { z } from 'zod'

/**
 * A moment with its zone that PostgreSQL reads, and writes back as ISO 8601. A day, a month or a year alone is its first
 * moment in UTC; the basic format (20260131T1200Z), minutes alone and zones such as +0100 and +01 are written out.
 */
export const Timestamp = z
  .string()
  .overwrite(toExtendedFormat)
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, {
    abort: true,
    error: 'must be a date, such as 2026-01-31, 2026-01 or 2026, or a time with its zone, such as 2026-01-31T12:00:00Z',
  })
  .refine(isStorable, 'must be a time that exists, in the years 1 to 9999, its zone at most 15:59 from UTC')
  .meta({ format: 'date-time' })

const iso8601 =
  /^(?<year>\d{4})(?<dash>-?)(?<month>\d\d)\k<dash>(?<day>\d\d)(?:T(?<hour>\d\d):?(?<minute>\d\d)(?::?(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?(?:(?<utc>Z)|(?<zoneHour>[+-]\d\d)(?::?(?<zoneMinute>\d\d))?))?$/

/** As RFC 3339 writes it, which the schema library and PostgreSQL both read; text that is not ISO 8601 stays as it is. */
function toExtendedFormat(text: string): string {
  const parts = iso8601.exec(text.trim())?.groups
  if (parts === undefined) return text.trim().replace(/^(\d{4})(?:-(\d\d))?$/, toFirstDay)
  const { year, month, day, hour = '00', minute = '00', second = '00', fraction, zoneHour, zoneMinute = '00' } = parts
  const zone = zoneHour === undefined ? 'Z' : `${zoneHour}:${zoneMinute}`
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}${zone}`
}

/** Of a month, or of a year. */
function toFirstDay(_: string, year: string, month = '01'): string {
  return `${year}-${month}-01T00:00:00Z`
}

/** Longer ones PostgreSQL does not read; those of any use have nine digits after the second. */
const maxLength = 40

/** PostgreSQL reads no year 0 and no zone beyond 15:59; before year 1 and after 9999 its output is not ISO 8601. */
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
