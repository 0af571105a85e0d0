import { z } from 'zod'

/**
 * The words for what a schema refuses, wherever a caller reads them; a schema's own message goes before. Set for the whole
 * process when this file is loaded, as the library has it: a parse by tRPC takes no messages of its own.
 */
z.config({ localeError: inPlainWords })

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'an id (a UUID)',
  email: 'an e-mail address',
  url: 'a URL',
  datetime: 'an ISO 8601 date and time',
  date: 'an ISO 8601 date',
}

function inPlainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'is required'
      return `must be ${nouns[issue.expected] ?? issue.expected}${issue.input === null ? ', not null' : ''}`
    }
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.join(', ')}`
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'too_small':
      if (issue.minimum === 1 && unitOf(issue.origin) !== undefined) return 'must not be empty'
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `as ${issue.pattern ?? issue.format} says`}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'unrecognized_keys':
      return `is not known here: ${issue.keys.join(', ')}`
    default:
      return 'is not valid'
  }
}

function bound(origin: string, relation: string, value: number | bigint): string {
  const unit = unitOf(origin)
  const amount = value.toLocaleString('en')
  if (unit === 'entries') return `must have ${relation} ${amount} entries`
  return `must be ${relation} ${amount}${unit === undefined ? '' : ` ${unit}`}`
}

function unitOf(origin: string): 'characters' | 'entries' | undefined {
  if (origin === 'string') return 'characters'
  return ['array', 'set', 'map'].includes(origin) ? 'entries' : undefined
}
