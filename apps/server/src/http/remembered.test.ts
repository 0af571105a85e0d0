import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'

test('the result for a text is made once, for as many short texts as clients commonly use', () => {
  const made: string[] = []
  const lengthOf = remembered((text) => {
    made.push(text)
    return text === 'none' ? undefined : text.length
  })
  for (let n = 0; n < 3; n++) expect([lengthOf('four'), lengthOf('none')]).toEqual([4, undefined])
  expect(made.splice(0)).toEqual(['four', 'none'])
  const long = 'x'.repeat(501)
  expect([lengthOf(long), lengthOf(long)]).toEqual([501, 501])
  expect(made.splice(0)).toEqual([long, long])
  for (let n = 0; n < 1000; n++) lengthOf(`text ${n}`)
  made.length = 0
  expect([lengthOf('text 999'), lengthOf('four')]).toEqual([8, 4])
  expect(made).toEqual(['four'])
})
