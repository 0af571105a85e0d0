import { growth } from '@extropy/intake/testing'
import { expect, test } from 'vitest'
import { planQuestions } from './plan-questions.ts'

test('a brief of any marks is planned, in proportion to its length', async () => {
  const plan = (brief: string) => planQuestions({ brief, questions: [] })
  expect(plan(`${'>'.repeat(19_000)} What raises the tides?`)).toHaveLength(1)
  expect(plan('Look at harbours. What raises the tides? Who pays?”')).toEqual(['What raises the tides?', 'Who pays?”'])
  expect(await growth((size) => plan('!x'.repeat(size / 2)), 5000, { rounds: 2, leastUs: 2000 })).toBeLessThan(9)
  expect(await growth((size) => plan(`${'?'.repeat(size)}a.`), 5000, { rounds: 2, leastUs: 2000 })).toBeLessThan(9)
}, 60_000)
