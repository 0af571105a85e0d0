import { toCamelCase, toSnakeCase } from '@extropy/db'
import type { z } from 'zod'
import { parseExactJson } from '../exact-json.ts'
import '../plain-words.ts'
import { IngestLine, type NewContent } from './ingest.schema.ts'
import type { Line } from './read-lines.ts'

/** A valid line: kept beside its content, because the database may still find fault with it. */
export interface ParsedLine {
  readonly line: Line
  readonly content: NewContent
}

/** One line that did not go in. */
export interface Reject {
  readonly line: Line
  /** The key at fault; empty where the line as a whole is not usable. */
  readonly field: string
  readonly reason: string
}

export function parseLine(line: Line): ParsedLine | Reject {
  if (line.problem !== undefined) return { line, field: '', reason: line.problem }
  try {
    const json = parseExactJson(line.text)
    const result = IngestLine.safeParse(json)
    return result.success ? { line, content: result.data } : { line, ...firstIssue(result.error, json) }
  } catch (error) {
    return { line, field: '', reason: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  const { message } = error as Error
  if (error instanceof SyntaxError) return `must be JSON: ${message}`
  if (error instanceof RangeError) return 'must be nested less deeply'
  return `cannot be read: ${message}`
}

function firstIssue(error: z.ZodError, json: unknown): { field: string; reason: string } {
  const [issue] = error.issues
  const [key, ...rest] = issue?.path ?? []
  // Named as the line has it: source_url, if it says so.
  const written =
    Object.keys(Object(json)).find((name) => toCamelCase(name) === key) ??
    (key === undefined ? undefined : toSnakeCase(String(key)))
  const field = [written ?? [], ...rest].flat().join('.')
  return { field: field.slice(0, 200), reason: issue?.message ?? 'is not valid' }
}
