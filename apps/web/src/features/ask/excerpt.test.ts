import { expect, test } from 'vitest'
import { excerpt } from './excerpt.ts'

test('markup is left out, its words stay', () => {
  expect(excerpt('> **Bold** and [a link](https://example.org)<br>-- *me*')).toBe('Bold and a link -- *me*')
  expect(excerpt('# Title\n- `one`\n- two')).toBe('Title\none\ntwo')
})
