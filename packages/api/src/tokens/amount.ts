import { z } from 'zod'

/** numeric(20,8): twelve digits before the point, eight behind it. */
const maxWholeDigits = 12
const maxPlaces = 8

const why = 'must be a decimal string such as "1.5"'

/**
 * An amount to move: a decimal string above 0, with at most 8 places; comes out with exactly 8. Never a number: 0.1 is
 * not one tenth there.
 */
export const Amount = z
  .string({ error: ({ input }) => (input === undefined ? undefined : `${why}, not a JSON ${jsonType(input)}`) })
  .max(100, `${why}, at most 100 characters`)
  .superRefine((text, context) => {
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .transform(toEightPlaces)
  .describe('A decimal string above 0 with at most 8 places')

function problemOf(text: string): string | undefined {
  const [, whole = '', places = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '') return `${why}: digits, and a point where it has a fraction; no sign, no exponent, no spaces`
  if (places.length > maxPlaces) return `has ${places.length} decimal places; the smallest amount is 0.00000001`
  if (whole.replace(/^0+/, '').length > maxWholeDigits) return 'must be less than 1,000,000,000,000'
  if (/^[0.]*$/.test(text)) return 'must be more than 0'
  return undefined
}

function toEightPlaces(text: string): string {
  const [whole = '', places = ''] = text.split('.')
  return `${whole.replace(/^0+(?=\d)/, '')}.${places.padEnd(maxPlaces, '0')}`
}

function jsonType(input: unknown): string {
  if (input === null) return 'null'
  return Array.isArray(input) ? 'array' : typeof input
}
