import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Marks } from './marks.ts'
import { seed } from './testing/steps.ts'

test(`marks are at least as strict as if none was forgotten, and exact while they are few (TEST_SEED=${seed})`, () => {
  const change = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 })
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.nat(40),
      fc.integer({ min: 1, max: 8 }),
      (changes, at, limit) => {
        const marks = new Marks(limit)
        let expected = true
        for (const [index, tags] of changes.entries()) {
          marks.invalidate(tags)
          if (index >= at && (tags.includes('a') || tags.includes('b'))) expected = false
        }
        const actual = marks.isCurrent(Math.min(at, changes.length), ['a', 'b'])
        if (limit >= 6) expect(actual).toBe(expected)
        else expect(actual && !expected).toBe(false)
        expect(marks.size).toBeLessThanOrEqual(limit)
      },
    ),
    { seed, numRuns: 500 },
  )
})

test('nothing that was read before everything was invalidated is current, and what is read after it is', () => {
  const marks = new Marks(10)
  const { seq } = marks
  marks.invalidateAll()
  expect(marks.isCurrent(seq, [])).toBe(false)
  expect(marks.isCurrent(marks.seq, ['a'])).toBe(true)
})
