import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Marks } from './marks.ts'
import { seed } from './testing/steps.ts'

describe('marks', () => {
  it('are as strict as if none was ever forgotten, and exact while few are', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const change = fc.record({ tags: fc.array(names, { maxLength: 2 }), keys: fc.array(names, { maxLength: 2 }) })
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 8 }),
        (changes, at, limit) => {
          const marks = new Marks(limit)
          let expected = true
          for (const [index, { tags, keys }] of changes.entries()) {
            marks.invalidate(tags, keys)
            if (index >= at && (tags.includes('a') || keys.includes('b'))) expected = false
          }
          const actual = marks.isCurrent(Math.min(at, changes.length), 'b', ['a'])
          if (limit >= 6) expect(actual).toBe(expected)
          else expect(actual && !expected).toBe(false)
          expect(marks.size).toBeLessThanOrEqual(2 * limit)
        },
      ),
      { seed, numRuns: 500 },
    )
  })

  it('tell when a tag was first expired after a value was read', () => {
    const marks = new Marks(10)
    marks.expire(['a'], 5)
    const { seq } = marks
    expect(marks.expiredAt(seq, ['a'])).toBeUndefined()
    marks.expire(['b'], 7)
    marks.expire(['a'], 9)
    expect(marks.expiredAt(seq, ['a', 'b', 'c'])).toBe(7)
    expect(marks.isCurrent(seq, 'k', ['a', 'b'])).toBe(true)
    marks.invalidateAll()
    expect(marks.isCurrent(seq, 'k', [])).toBe(false)
    expect(marks.isCurrent(marks.seq, 'k', ['a'])).toBe(true)
  })
})
