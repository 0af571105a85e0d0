import { z } from 'zod'
import { InexactNumber } from './exact-json.ts'

/** PostgreSQL's own stack ends some thousand levels down; nobody reads a tenth of this. */
const maxDepth = 50

/** A JSON object that a jsonb column holds and gives back as it was: every value is kept, or refused by its path. */
export function storableJson(maxCharacters: number) {
  // Not a record: the schema library drops its key __proto__ without a word.
  return z
    .custom<Record<string, unknown>>(isObject, { error: 'must be an object', abort: true })
    .superRefine((value, context) => {
      const problem = problemOf(value, maxCharacters)
      if (problem !== undefined) context.addIssue({ code: 'custom', ...problem })
    })
    .meta({ type: 'object', additionalProperties: {} })
}

interface Place {
  readonly path: string[]
  readonly value: unknown
}

/** Level by level, for a recursion would end where the value wants it to. */
function problemOf(object: unknown, maxCharacters: number): { path: string[]; message: string } | undefined {
  let level: Place[] = [{ path: [], value: object }]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return { path: [], message: `must be at most ${maxDepth} levels deep` }
    for (const { path, value } of level) {
      const message = problemOfValue(value)
      if (message !== undefined) return { path, message }
    }
    level = level.flatMap(({ path, value }) =>
      Object.entries(Object(value === null || typeof value !== 'object' ? {} : value)).map(([key, inner]) => ({
        path: [...path, key],
        value: inner,
      })),
    )
  }
  if (JSON.stringify(object).length <= maxCharacters) return undefined
  return { path: [], message: `must be at most ${maxCharacters.toLocaleString('en')} characters of JSON` }
}

function problemOfValue(value: unknown): string | undefined {
  if (typeof value === 'string') return problemOfText(value)
  if (typeof value === 'number') {
    // Written out in full, such a number has usually been rounded before anybody could see it.
    const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
    return Number.isFinite(value) && !isRounded ? undefined : inexact(String(value))
  }
  if (value instanceof InexactNumber) return inexact(value.source)
  if (!isObject(value)) return undefined
  const keys = Object.keys(value)
  if (keys.includes('__proto__')) return 'must not have a key __proto__'
  const problem = keys.map(problemOfText).find((found) => found !== undefined)
  return problem === undefined ? undefined : `a key ${problem}`
}

function problemOfText(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain NUL characters (\\u0000)'
  return text.isWellFormed() ? undefined : 'must be well-formed Unicode: it has a lone surrogate'
}

function inexact(number: string): string {
  return `must be a number that a 64-bit float keeps exactly, or text in quotes: ${number.slice(0, 40)}`
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
