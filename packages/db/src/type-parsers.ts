import pg from 'pg'

const timestamptzOid = 1184

/**
 * `2026-11-23 17:29:51.123456+00` to `2026-11-23T17:29:51.123456Z`. A `Date` would drop the microseconds, and with them
 * the rows that share a millisecond at a page's edge.
 */
export function isoTimestamp(value: string): string {
  if (value.endsWith('+00')) return `${value.slice(0, 10)}T${value.slice(11, -3)}Z`
  // Behind a pooler the session may have another zone.
  const fraction = /\.\d+/.exec(value)?.[0] ?? ''
  const wholeSeconds = new Date(value.replace(fraction, ''))
  // `infinity` stays what it is.
  return Number.isNaN(wholeSeconds.getTime()) ? value : wholeSeconds.toISOString().replace('.000Z', `${fraction}Z`)
}

const textArrayOid = 1009
const parseTextArray = pg.types.getTypeParser(textArrayOid as never, 'text') as (value: string) => (string | null)[]

/** `pg` reads an array letter by letter; one without quotes, and so without anything to unquote, is cut at its commas. */
function textArray(value: string): (string | null)[] {
  if (value === '{}') return []
  const isPlain = !value.includes('"') && !/\bNULL\b/.test(value) && value.indexOf('{', 1) === -1
  return isPlain && value.startsWith('{') ? value.slice(1, -1).split(',') : parseTextArray(value)
}

/** How column values arrive: `pg`'s own parsers, but times as ISO 8601 text. */
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
