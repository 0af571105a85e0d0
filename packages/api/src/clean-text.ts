import { z } from 'zod'

/**
 * Text that PostgreSQL can store and JSON can carry: no NUL (PostgreSQL has no place for it), no half of a surrogate
 * pair (UTF-8 has none), at most `maxLength` UTF-16 units.
 */
export function cleanText(maxLength: number) {
  return z
    .string()
    .max(maxLength, `must be at most ${maxLength.toLocaleString('en')} characters`)
    .refine((text) => !text.includes('\0'), 'must not contain NUL characters (\\u0000)')
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode: it has a lone surrogate')
}
