const date = /^\d{4}(?:-\d\d){0,2}$/
const localTime = /^\d{4}(?:-\d\d){0,2}T\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/
/** A name that `Date.parse` knows, a `Z` behind a digit, or an offset behind a time: `-2024` alone is a year. */
const zone = /\b(?:GMT|UTC?|[ECMP][SD]T)\b|\d\s?Z\b|:\d\d(?:\.\d+)?\s*(?:[ap]m\s*)?[+-]\d\d?(?::?\d\d)?\b/i
/** `Date.parse` looks at nothing in there. */
const inBrackets = /\([^()]*\)/g

/** Milliseconds of a time in any style that `Date.parse` reads, or NaN. Without a zone it is UTC's, wherever this runs. */
export function parseTime(text: string): number {
  const iso = text
    .trim()
    .replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d)/, '$1T$2')
    .replace(/^(\d{4}-\d\d-\d\dT\S+) (?=[+-]\d\d:?\d\d$)/, '$1')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
  if (date.test(iso) || zone.test(iso.replace(inBrackets, ''))) return Date.parse(iso)
  return Date.parse(localTime.test(iso) ? `${iso}Z` : `${iso} UTC`)
}
