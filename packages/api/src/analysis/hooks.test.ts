import { expect, test } from 'vitest'
import { judgedHooks } from './hooks.examples.ts'
import { hookChance, hookTypes, hookTypesOf } from './hooks.ts'
import { openWordRanks } from './word-ranks.ts'

test.each(hookTypes)('at least nine of ten judged lines of %s are told, and few others', (type) => {
  const own = judgedHooks[type]
  expect(own.length).toBeGreaterThanOrEqual(10)
  const told = own.filter((line) => hookTypesOf(line).some((found) => found.type === type))
  expect(told.length / own.length).toBeGreaterThanOrEqual(0.9)
  const wrong = judgedHooks.none.filter((line) => hookTypesOf(line).some((found) => found.type === type))
  expect(wrong.length).toBeLessThanOrEqual(1)
})

test('a line that wants to be read on has a higher chance than a report', () => {
  const rankOf = openWordRanks()
  const chance = (line: string) => hookChance(line, rankOf)
  expect(chance('7 things you should never say to your boss')).toBeGreaterThan(0.9)
  expect(chance('Parliament approves the budget after a long debate')).toBeLessThan(0.1)
})

test('a type names the words that it was seen in', () => {
  const line = 'How to save your team ten hours a week'
  const benefit = hookTypesOf(line).find(({ type }) => type === 'benefit')
  expect(benefit?.places.map(({ start, end }) => line.slice(start, end))).toContain('How to save')
})
