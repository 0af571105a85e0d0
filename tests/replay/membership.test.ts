import { expect, test } from 'vitest'
import { createTicks } from './history.ts'
import { Membership } from './membership.ts'

const row = (id: string, second: number) => ({ id, time: `2026-11-01T00:00:0${second}Z` })

test('a page without a row that was there before it was asked for is stale', () => {
  const ticks = createTicks()
  const cards = new Membership(ticks)
  const sentBefore = ticks.next()
  cards.add('new', row('new', 5).time)
  expect(cards.judge([row('old', 1)], 20, sentBefore)).toBe('fresh')
  const sentAfter = ticks.next()
  expect(cards.judge([row('old', 1)], 20, sentAfter)).toBe('stale')
  expect(cards.judge([row('new', 5), row('old', 1)], 20, sentAfter)).toBe('fresh')
})

test('a full page need not show rows that belong behind its last row', () => {
  const ticks = createTicks()
  const cards = new Membership(ticks)
  cards.add('third', row('third', 1).time)
  expect(cards.judge([row('first', 3), row('second', 2)], 2, ticks.next())).toBe('fresh')
  expect(cards.judge([row('first', 3), row('second', 2)], 3, ticks.next())).toBe('stale')
})

test('times compare as times, with or without a fraction', () => {
  const ticks = createTicks()
  const cards = new Membership(ticks)
  cards.add('later', '2026-11-01T00:00:01.12341Z')
  const page = [{ id: 'earlier', time: '2026-11-01T00:00:01.1234Z' }]
  expect(cards.judge(page, 1, ticks.next())).toBe('stale')
})

test('a row that was taken away before the page was asked for is stale, one that is being taken away may be there or not', () => {
  const ticks = createTicks()
  const cards = new Membership(ticks)
  cards.add('gone', row('gone', 5).time)
  const removed = cards.beginRemoval('gone')
  const sentBefore = ticks.next()
  expect(cards.judge([row('gone', 5)], 20, sentBefore)).toBe('fresh')
  expect(cards.judge([], 20, sentBefore)).toBe('fresh')
  removed()
  const sentAfter = ticks.next()
  expect(cards.judge([row('gone', 5)], 20, sentAfter)).toBe('stale')
  expect(cards.judge([], 20, sentAfter)).toBe('fresh')
})
