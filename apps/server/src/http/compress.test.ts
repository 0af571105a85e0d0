import { expect, test } from 'vitest'
import { encodingFor } from './compress.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip;q=1.0, br;q=0.1', 'gzip'],
  ['br;q=0.9, gzip;q=0.9', 'br'],
  ['GZIP ; Q=0.3', 'gzip'],
  ['identity;q=1, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip;q=0.5', 'gzip'],
  ['identity;q=0, *;q=0.1', 'br'],
  ['gzip;q=0.2, *;q=0.5', 'br'],
  ['br;q=0, *', 'gzip'],
  ['*;q=0', undefined],
  ['gzip;q=0', undefined],
  ['gzip;q=2, br;q=high', undefined],
  [`${'x,'.repeat(300)}br`, undefined],
])('Accept-Encoding: %s is answered with %s', (acceptEncoding, encoding) => {
  expect(encodingFor(acceptEncoding)).toBe(encoding)
})
