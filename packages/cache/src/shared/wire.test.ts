import { expect, test } from 'vitest'
import { decode, encode, wireVersion } from './wire.ts'

const spans = { ttlMs: 1_000.5, staleMs: 3 }

test.each([
  ['undefined', undefined],
  ['null', null],
  ['text', 'grüße 🙂'],
  ['a big integer', 2n ** 80n],
  [
    'nested structures',
    { map: new Map([['a', new Set([1])]]), when: new Date(7), bytes: Buffer.from([0, 255]), none: undefined },
  ],
])('the wire format brings back %s', (_, value) => {
  expect(decode(encode({ value, ...spans }))).toEqual({ value, ...spans })
})

test('the wire format brings bytes back as bytes, also from the middle of a buffer', () => {
  const value = Buffer.from('xx\u0000payload').subarray(2)
  const sent = Buffer.concat([Buffer.from('before'), encode({ value, ...spans })]).subarray(6)
  expect(decode(sent)?.value).toEqual(Buffer.from('\u0000payload'))
})

test('the wire format rejects bytes of another version, and garbage', () => {
  const bytes = Buffer.from(encode({ value: { a: 1 }, ...spans }))
  const other = Buffer.from(bytes)
  other[0] = wireVersion + 1
  for (const strange of [other, bytes.subarray(0, 20), bytes.subarray(0, -1), Buffer.alloc(0)]) {
    expect(decode(strange)).toBeUndefined()
  }
})

test('the wire format refuses values that cannot be sent', () => {
  expect(() => encode({ value: () => 1, ...spans })).toThrow()
})
