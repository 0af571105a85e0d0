import { expect, test } from 'vitest'
import { hasKind, kindOf } from './question-kind.ts'

test.each([
  ['What is a passage?', 'definition'],
  ['what is the RFC process', 'definition'],
  ['Who leads ESLint?', 'person'],
  ['When was Rust 1.0 released?', 'date'],
  ['How many weekly downloads does ESLint have?', 'number'],
  ['Where is the office?', 'place'],
])('the kind of “%s” is %s', (question, kind) => {
  expect(kindOf(question)).toBe(kind)
})

test('a weekday with a time says when something is held, and no more', () => {
  const text = 'It is every Thursday at 4pm, from 16:00 to 1730 UTC.'
  expect(hasKind('date', text, 'When are the office hours?')).toBe(true)
  expect(hasKind('date', text, 'When was the office opened?')).toBe(false)
  expect(hasKind('date', 'Since 12 May 2011 it is at 4pm.', 'When was the office opened?')).toBe(true)
})

test.each(['-', 'a', '@', ' ', 'a ', '. ', 'what ', '9', '9,', '$'])(
  'no question of «%s» over and over holds up the event loop',
  (unit) => {
    const text = unit.repeat(Math.ceil(8000 / unit.length))
    const startedAt = performance.now()
    for (const question of [`what is ${text}@a`, `${text}how many`, text]) {
      hasKind(kindOf(question), text, question)
    }
    // A pattern that goes back over the text takes seconds for one of these.
    expect(performance.now() - startedAt).toBeLessThan(1000)
  },
)
