import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InexactNumber, parseExactJson } from './exact-json.ts'

test.each([
  '0',
  '-0',
  '0.0',
  '1.50',
  '1e3',
  '1E+3',
  '100e-2',
  '9007199254740993e0',
  '0.1',
  '1.7976931348623157e308',
  '1e21',
  '5e-324',
  '9007199254740992',
])('the number %s is kept where its value survives', (source) => {
  const value = parseExactJson(source)
  if (source.startsWith('9007199254740993')) expect(value).toEqual(new InexactNumber(source))
  else expect(value).toBe(Number(source))
})

test.each([
  '1590000000000000001',
  '-1590000000000000001',
  '1e400',
  '-1e400',
  '1e-400',
  '0.12345678901234567890',
  `1${'0'.repeat(500)}`,
])('the number %s, which would change, is refused', (source) => {
  expect(parseExactJson(`{"a":[${source}]}`)).toEqual({ a: [new InexactNumber(source)] })
})

test('JSON that JavaScript writes is read unchanged', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseExactJson(text)).toEqual(JSON.parse(text))
    }),
  )
})
