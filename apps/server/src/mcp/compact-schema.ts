import { z } from 'zod'

/** Said by the schema's absence as well as by its presence, or of no use to a model. */
const dropped: ReadonlySet<string> = new Set(['$schema', 'maxLength', 'minLength', 'maxItems', 'minimum'])

/**
 * The same schema, whose JSON Schema is as short as it may be: all tools' schemas are in a model's window all the time. It is still
 * checked whole.
 */
export function compactSchema<Schema extends z.ZodObject>(schema: Schema, io: 'input' | 'output'): Schema {
  const made = compact(z.toJSONSchema(schema, { io, unrepresentable: 'any' })) as Record<string, unknown>
  const standard = { ...schema['~standard'], jsonSchema: { input: () => made, output: () => made } }
  return Object.create(schema, { '~standard': { value: standard } }) as Schema

  function compact(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(compact)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).filter(([key, each]) => !isIdle(key, each))
    return Object.fromEntries(entries.map(([key, each]) => [key, compact(each)]))
  }

  function isIdle(key: string, value: unknown): boolean {
    if (dropped.has(key)) return true
    // An answer has all of its keys and no others; that a call may have none is worth saying.
    if (key === 'additionalProperties' || key === 'required') return io === 'output'
    return typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER
  }
}
