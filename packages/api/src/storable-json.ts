import { z } from 'zod'

/** PostgreSQL's own stack ends some thousand levels down; nobody reads a tenth of this. */
const maxDepth = 50

/** A JSON object that a jsonb column can hold: not too large, not too deep, no NUL, no half of a surrogate pair. */
export function storableJson(maxCharacters: number) {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const problem = problemOf(value, maxCharacters)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

function problemOf(value: unknown, maxCharacters: number): string | undefined {
  if (isTooDeep(value)) return `must be at most ${maxDepth} levels deep`
  const text = JSON.stringify(value)
  if (text.length > maxCharacters) return `must be at most ${maxCharacters.toLocaleString('en')} characters of JSON`
  // JSON.stringify writes these as escapes, and only these.
  if (/(^|[^\\])(\\\\)*\\u0000/.test(text)) return 'must not contain NUL characters (\\u0000)'
  if (/(^|[^\\])(\\\\)*\\ud[89a-f]/.test(text)) return 'must be well-formed Unicode: it has a lone surrogate'
  return undefined
}

/** Level by level, for a recursion would end where the value wants it to. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return false
}
