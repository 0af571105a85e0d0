import fc from 'fast-check'
import { z } from 'zod'

interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly format?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly maxItems?: number
  readonly minItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** Text that has gone wrong somewhere before: half characters, NUL, quoting, patterns, right-to-left, huge. */
const nastyText = fc.constantFrom(
  '',
  ' ',
  '\0',
  '\ud800',
  "'; drop table users; --",
  '%_\\',
  '<script>',
  '\u202e\u0000',
  '1e3',
  'NaN',
  '-1',
  '0.000000001',
  '٣',
  'İ',
  '𝕏'.repeat(50),
  'a'.repeat(1001),
  '"(:*&|!',
  '{}',
  'null',
)

/** Input that fits the schema nearly enough to be accepted often; most ids are ones that exist. */
export function validInput(schema: z.ZodType, ids: readonly string[]): fc.Arbitrary<unknown> {
  return fromSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, ids)
}

/** Anything at all, and input by the schema with parts replaced by anything. */
export function garbageInput(schema: z.ZodType | undefined, ids: readonly string[]): fc.Arbitrary<unknown> {
  const anything = fc.oneof(
    nastyText,
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(...ids),
    fc.double(),
    fc.constant(undefined),
  )
  if (schema === undefined) return anything
  const spoilt = fc
    .tuple(validInput(schema, ids), fc.nat(20), anything, fc.string())
    .map(([input, at, value, extra]) => {
      if (typeof input !== 'object' || input === null) return value
      const names = Object.keys(input)
      return { ...input, [names[at % (names.length + 1)] ?? extra]: value }
    })
  return fc.oneof({ weight: 1, arbitrary: anything }, { weight: 4, arbitrary: spoilt })
}

function fromSchema(schema: JsonSchema, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((option) => fromSchema(option, ids)))
  switch (schema.type) {
    case 'object':
      return objectOf(schema, ids)
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}, ids), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      })
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 1000, 1_000_000) })
    case 'number':
      return fc.double({ min: schema.minimum ?? -10, max: schema.maximum ?? 1000, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return stringOf(schema, ids)
    default:
      return fc.jsonValue({ maxDepth: 3 })
  }
}

function objectOf({ properties = {}, required = [] }: JsonSchema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const arbitraries = Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, fromSchema(value, ids)]),
  )
  return fc.record(arbitraries, { requiredKeys: [...required] })
}

function stringOf({ format, minLength = 0, maxLength = 60 }: JsonSchema, ids: readonly string[]): fc.Arbitrary<string> {
  if (format === 'uuid')
    return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: fc.uuid() })
  if (format === 'email') return fc.emailAddress()
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date('2027-01-01'), max: new Date('2090-01-01') })
      .map((date) => date.toISOString())
  const text = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) })
  const amount = fc.nat(1_000_000).map((units) => `0.${String(units).padStart(8, '0')}`)
  return fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: nastyText }, { weight: 1, arbitrary: amount })
}
