import { expect, test } from 'vitest'
import { findMark, markOf, readPlace } from './mark.ts'

const passage =
  'The lighthouse was built in 1817 after a frigate was lost, and its light is seen for eighteen miles in clear weather.'
const body = `Before it.\n\n${passage}\n\nAfter it.`

test('a passage is found by its first and its last words, wherever it stands', () => {
  const span = findMark(body, markOf(passage))
  expect(body.slice(span?.start, span?.end)).toBe(passage)
  expect(markOf(passage).length).toBeLessThan(passage.length)
})

test('a short passage is its own mark; words that are not there are not found', () => {
  expect(findMark(body, markOf('After it.'))).toEqual({ start: body.length - 9, end: body.length })
  expect(findMark(body, 'never written')).toBeUndefined()
  expect(findMark(body, '')).toBeUndefined()
})

test('where only the beginning is still there, that is marked', () => {
  const changed = body.replace('clear weather', 'fog')
  const span = findMark(changed, markOf(passage))
  expect(changed.slice(span?.start, span?.end)).toBe(passage.slice(0, 48))
})

test('a receipt’s place must lie within the text', () => {
  expect(readPlace('3-9', 'ten letters')).toEqual({ start: 3, end: 9 })
  expect(['9-3', '3-99', 'x', '', '3-3', '-1-2'].map((at) => readPlace(at, 'ten letters'))).toEqual(
    Array(6).fill(undefined),
  )
})
