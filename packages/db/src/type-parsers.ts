import pg from 'pg'

const timestamptzOid = 1184

/** Year, day, time, fraction, zone, era. */
const isoForm = /^(\d{4,})(-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/

/**
 * `2026-11-23 17:29:51.123456+00` to `2026-11-23T17:29:51.123456Z`. A `Date` would drop the microseconds, and with them
 * the rows that share a millisecond at a page's edge. `infinity` stays as it is.
 *
 * @throws RangeError for any other form: whether 02/03 is in February or in March is not guessed.
 */
export function isoTimestamp(value: string): string {
  // No other form has a dash there.
  if (value.length <= 29 && value[7] === '-' && value[10] === ' ' && value.endsWith('+00'))
    return `${value.slice(0, 10)}T${value.slice(11, -3)}Z`
  if (/^-?infinity$/.test(value)) return value
  const [, year, day, time, fraction = '', sign, ...rest] = isoForm.exec(value) ?? []
  if (year === undefined)
    throw new RangeError(`PostgreSQL wrote a time as "${value}": the session's DateStyle is not ISO`)
  const [hours = '0', minutes = '0', seconds = '0', era] = rest
  const offsetMs = 1000 * (3600 * Number(hours) + 60 * Number(minutes) + Number(seconds)) * (sign === '-' ? -1 : 1)
  // ISO 8601 has a year 0, which is 1 BC.
  const isoYear = era === undefined ? Number(year) : 1 - Number(year)
  const written = `${isoYear < 0 ? '-' : '+'}${String(Math.abs(isoYear)).padStart(6, '0')}`
  const wholeSeconds = new Date(Date.parse(`${written}${day}T${time}Z`) - offsetMs)
  return wholeSeconds.toISOString().replace('.000Z', `${fraction}Z`)
}

const textArrayOid = 1009
const parseTextArray = pg.types.getTypeParser(textArrayOid as never, 'text') as (value: string) => (string | null)[]

/** `pg` reads an array letter by letter; one without quotes, and so without anything to unquote, is cut at its commas. */
function textArray(value: string): (string | null)[] {
  if (value === '{}') return []
  const isPlain = !value.includes('"') && !/\bNULL\b/.test(value) && value.indexOf('{', 1) === -1
  return isPlain && value.startsWith('{') ? value.slice(1, -1).split(',') : parseTextArray(value)
}

/** The parsers of column values: `pg`'s own, but times as ISO 8601 text. */
export const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    format === 'binary'
      ? pg.types.getTypeParser(oid, format)
      : oid === timestamptzOid
        ? isoTimestamp
        : oid === textArrayOid
          ? textArray
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}
