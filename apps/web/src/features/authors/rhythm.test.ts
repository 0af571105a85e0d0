import { expect, test } from 'vitest'
import { monthsOf } from './rhythm.ts'

test('months without a piece are there too, over the end of a year', () => {
  expect(monthsOf(['2024-01-31T23:00:00Z', null, '2023-11-02T00:00:00Z', '2024-01-01T00:00:00Z'])).toEqual([
    { month: '2023-11', count: 1 },
    { month: '2023-12', count: 0 },
    { month: '2024-01', count: 2 },
  ])
})

test('no dates make no months', () => {
  expect(monthsOf([null])).toEqual([])
  expect(monthsOf([])).toEqual([])
})
