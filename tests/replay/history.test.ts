import { expect, test } from 'vitest'
import { createTicks, History } from './history.ts'

test('a version that was replaced before the read was sent is stale, one that is being replaced is not', () => {
  const ticks = createTicks()
  const title = new History(ticks, 'one')
  const acknowledge = title.begin('two')
  const sentBefore = ticks.next()
  expect(title.judge('one', sentBefore)).toBe('fresh')
  expect(title.judge('two', sentBefore)).toBe('fresh')
  acknowledge()
  // Sent before the acknowledgement: the server may have read it before the write.
  expect(title.judge('one', sentBefore)).toBe('fresh')
  const sentAfter = ticks.next()
  expect(title.judge('one', sentAfter)).toBe('stale')
  expect(title.judge('two', sentAfter)).toBe('fresh')
})

test('a value that nobody wrote is unknown', () => {
  const ticks = createTicks()
  expect(new History(ticks, 'one').judge('three', ticks.next())).toBe('unknown')
})

test('of several versions, each one older than the last acknowledged one is stale', () => {
  const ticks = createTicks()
  const title = new History(ticks, 'one')
  title.begin('two')()
  title.begin('three')()
  title.begin('four')
  const sentAt = ticks.next()
  expect(['one', 'two', 'three', 'four'].map((value) => title.judge(value, sentAt))).toEqual([
    'stale',
    'stale',
    'fresh',
    'fresh',
  ])
})
