import { expect, test } from 'vitest'
import { callerAddress } from './address.ts'

const proxy = '10.0.0.1'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['198.51.100.9, 192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:49152', '192.0.2.1'],
  ['"192.0.2.1:49152"', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['"[2001:db8::1]:443"', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
  ['', proxy],
  ['unknown', proxy],
  ['_hidden:80', proxy],
  ['192.0.2.999:80', proxy],
  ['[192.0.2.1]x', proxy],
  ['192.0.2.1, ', proxy],
])('behind one proxy, X-Forwarded-For: %s is %s', (forwardedFor, address) => {
  expect(callerAddress(proxy, forwardedFor, 1)).toBe(address)
})

test('with two proxies the last entry but one is trusted, without a proxy none', () => {
  expect(callerAddress(proxy, '203.0.113.7, [2001:db8::1]:443, 10.0.0.2:8080', 2)).toBe('2001:db8::1')
  expect(callerAddress(proxy, '192.0.2.1', 0)).toBe(proxy)
  expect(callerAddress(proxy, '192.0.2.1', 2)).toBe(proxy)
  expect(callerAddress(undefined, undefined, 1)).toBeUndefined()
})
