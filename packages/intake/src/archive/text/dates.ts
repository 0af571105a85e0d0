import { parseTime } from '../../dates/parse-time.ts'

const withoutZone = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/

/**
 * The moment that an export writes, whatever its style; undefined where there is none, never today. A time without a zone
 * is UTC: exports that leave it out mean that.
 */
export function parseDate(value: unknown): Date | undefined {
  if (value instanceof Date) return plausible(value)
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{9,17}(\.\d+)?$/.test(text)) return fromEpoch(Number(text))
  const local = withoutZone.exec(text.replace(/ ?UTC$/, ''))
  if (local !== null) return plausible(new Date(`${local[1]}T${local[2]}Z`))
  if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text)) {
    return plausible(
      new Date(
        text.replace(' ', 'T').replace(/ ?([+-]\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`),
      ),
    )
  }
  if (/^\d{4}(-\d\d(-\d\d)?)?$/.test(text)) return plausible(new Date(text))
  // WordPress writes the year -1 where there is no date, and Date reads that as 2001.
  if (/\s-\d{4}\s/.test(text)) return undefined
  // Anything else must name a month or a year of four digits: Date reads "1" as a month of 2001.
  if (!/[a-z]{3}/i.test(text) || !/\d{4}/.test(text)) return undefined
  return plausible(new Date(parseTime(text)))
}

/** Seconds, milliseconds or microseconds, told apart by their size: each would be thousands of years off as another. */
function fromEpoch(value: number): Date | undefined {
  if (value < 1e11) return plausible(new Date(value * 1000))
  return plausible(new Date(value < 1e14 ? value : value / 1000))
}

/** 0000-00-00, and the epoch's zero, are how programs write that there is none. */
function plausible(date: Date): Date | undefined {
  const time = date.getTime()
  return Number.isNaN(time) || time === 0 || date.getUTCFullYear() < 1000 || date.getUTCFullYear() > 9999
    ? undefined
    : date
}
