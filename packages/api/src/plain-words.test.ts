import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inputError } from './errors.ts'
import { procedures } from './serving/procedures.ts'
import { garbageInput } from './testing/arbitrary-input.ts'

const librarysOwn = /invalid|too (big|small)|expected|received|unrecogni[sz]ed|undefined|\[object/i

test.each([...procedures.values()].flatMap(({ path, input }) => (input === undefined ? [] : [[path, input] as const])))(
  'what %s refuses is said in plain words',
  (_, input) => {
    fc.assert(
      fc.property(garbageInput(input, ['00000000-0000-4000-8000-000000000000']), (garbage) => {
        for (const { message } of input.safeParse(garbage).error?.issues ?? []) {
          expect(message).not.toMatch(librarysOwn)
          expect(message).toMatch(/^(is|must|has|a key) /)
        }
      }),
      { numRuns: 300 },
    )
  },
)

test.each([
  [z.strictObject({ name: z.string() }), {}, 'name: is required'],
  [z.number().max(100), 101, 'input: must be at most 100'],
  [z.number().min(1), 0, 'input: must be at least 1'],
  [z.number().gt(0), 0, 'input: must be more than 0'],
  [z.number().lt(1), 1, 'input: must be less than 1'],
  [z.int(), 1.5, 'input: must be a whole number'],
  [z.number(), null, 'input: must be a number, not null'],
  [z.number().multipleOf(5), 7, 'input: must be a multiple of 5'],
  [z.string().max(2000), 'x'.repeat(2001), 'input: must be at most 2,000 characters'],
  [z.string().min(1), '', 'input: must not be empty'],
  [z.array(z.string()).max(2), ['a', 'b', 'c'], 'input: must have at most 2 entries'],
  [z.array(z.string()).min(2), ['a'], 'input: must have at least 2 entries'],
  [z.enum(['red', 'blue']), 'green', 'input: must be one of red, blue'],
  [z.literal('on'), 'off', 'input: must be on'],
  [z.boolean(), 'yes', 'input: must be true or false'],
  [z.uuid(), 'x', 'input: must be an id (a UUID)'],
  [z.email(), 'x', 'input: must be an e-mail address'],
  [z.strictObject({}), { title: 1 }, 'title: is not known here'],
  [z.union([z.string(), z.number()]), true, 'input: is not valid'],
  [z.string('must rhyme'), 1, 'input: must rhyme'],
])('%#: each kind of refusal has its words', (schema, input, said) => {
  expect(inputError(schema.safeParse(input).error as z.ZodError).message).toBe(said)
})
