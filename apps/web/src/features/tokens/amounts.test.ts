import { expect, test } from 'vitest'
import { readAmount, toAmount, units } from './amounts.ts'

test('amounts are exact where numbers are not', () => {
  expect(toAmount(units('0.1') + units('0.2'))).toBe('0.30000000')
  expect(toAmount(units('123456789012.00000001') - units('0.00000002'))).toBe('123456789011.99999999')
  expect(toAmount(units('0.5') - units('2'))).toBe('-1.50000000')
})

test('what is typed is an amount above 0 with at most 8 places, or nothing', () => {
  expect(['1', ' 1,5 ', '0.00000001'].map(readAmount)).toEqual(['1', '1.5', '0.00000001'])
  expect(['', '0', '-1', '1e3', '0.000000001', '١', '1.5.2', 'NaN'].map(readAmount)).toEqual(Array(8).fill(undefined))
})
