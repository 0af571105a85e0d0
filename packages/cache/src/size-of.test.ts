import { expect, test } from 'vitest'
import { sizeOf } from './size-of.ts'

test('sizeOf counts characters by their width, and bytes as they are', () => {
  expect(sizeOf('x'.repeat(1_000))).toBeGreaterThanOrEqual(1_000)
  expect(sizeOf('x'.repeat(1_000))).toBeLessThan(1_050)
  expect(sizeOf('ß'.repeat(1_000))).toBeGreaterThanOrEqual(2_000)
  expect(sizeOf(Buffer.alloc(1_000))).toBeGreaterThanOrEqual(1_000)
  expect(sizeOf(new ArrayBuffer(1_000))).toBeGreaterThanOrEqual(1_000)
})

test('sizeOf counts the whole buffer behind a slice, once, and of the pool only the slice', () => {
  const whole = Buffer.alloc(1_000_000)
  const parts = [whole.subarray(0, 10), whole.subarray(10, 20)]
  expect(sizeOf(parts[0])).toBeGreaterThanOrEqual(1_000_000)
  expect(sizeOf(parts)).toBeLessThan(1_100_000)
  expect(sizeOf(Buffer.from('pooled'))).toBeLessThan(300)
})

test('sizeOf counts the parts of an object, each once, in circles too', () => {
  const part = { text: 'x'.repeat(500) }
  const circle: { parts: unknown[]; self?: unknown } = { parts: [part, part] }
  circle.self = circle
  expect(sizeOf(circle)).toBeGreaterThan(500)
  expect(sizeOf(circle)).toBeLessThan(800)
})

test('sizeOf grows with maps, sets, dates, numbers and big integers', () => {
  const values = [new Map([['k', 'x'.repeat(100)]]), new Set(['x'.repeat(100)]), [new Date()], [0.5], [2n ** 200n]]
  for (const value of values) expect(sizeOf(value)).toBeGreaterThan(sizeOf([]))
  expect(sizeOf([1])).toBeLessThan(sizeOf([1.5]))
  expect([sizeOf(undefined), sizeOf(null), sizeOf(true)]).toEqual([0, 0, 0])
})
