import { expect, test } from 'vitest'
import { excerpt } from './excerpt.ts'

test('markup is left out, its words stay', () => {
  expect(excerpt('> **Bold** and [a link](https://example.org)<br>-- *me*')).toBe('Bold and a link -- me')
  expect(excerpt('# Title\n- `one`\n- two')).toBe('Title\none\ntwo')
  expect(excerpt('2 * 3 * 4, *so* it *is said*')).toBe('2 * 3 * 4, so it is said')
})
