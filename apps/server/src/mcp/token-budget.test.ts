import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { countJsonTokens, countTokens, cutToTokens, fitPage, fitRows } from './token-budget.ts'

/** By the vocabulary o200k: see decision 100. */
const known: readonly (readonly [text: string, tokens: number])[] = [
  ['The moon raises the tides in most harbours, twice a day.', 14],
  ['Луна поднимает приливы в большинстве гаваней дважды в день.', 17],
  ['我们今天讨论熵与秩序的关系，潮汐由月亮引起。', 21],
]

test('a text counts at least as many tokens as a model makes of it, and at most twice as many', () => {
  for (const [text, tokens] of known) {
    expect(countTokens(text)).toBeGreaterThanOrEqual(tokens)
    expect(countTokens(text)).toBeLessThanOrEqual(2 * tokens)
  }
  // 23.5 and 61 on the average.
  expect(countTokens(randomUUID())).toBeGreaterThanOrEqual(24)
  expect(countTokens(randomBytes(67).toString('base64url'))).toBeGreaterThanOrEqual(55)
})

test('a text is cut where it fits, at a sentence, and never within a character', () => {
  const text = 'One sentence here. Another one there. '.repeat(500)
  const cut = cutToTokens(text, 100)
  expect(countJsonTokens(cut)).toBeLessThanOrEqual(100)
  expect(countJsonTokens(cut)).toBeGreaterThan(70)
  expect(cut.endsWith('. ')).toBe(true)
  for (let tokens = 0; tokens < 40; tokens++) expect(cutToTokens('😀'.repeat(100), tokens).isWellFormed()).toBe(true)
  expect(cutToTokens('short', 100)).toBe('short')
  expect(cutToTokens('anything', 0)).toBe('')
})

test('rows are taken as long as there is room; the first one is shortened', () => {
  const make = (text: string) => (longest: number) => ({ text: text.slice(0, longest) })
  const rows = ['a b c', 'd e f', 'g h i'].map(make)
  expect(fitRows(rows, 1000)).toHaveLength(3)
  expect(fitRows(rows, 2 * countJsonTokens({ text: 'a b c' }) + 2)).toHaveLength(2)
  const [long] = fitRows([make('word '.repeat(5000))], 300)
  expect(countJsonTokens(long)).toBeLessThanOrEqual(300)
  expect(long?.text.length).toBeGreaterThan(300)
})

test('a page of a list has a row at least, or says that there is no room for one', () => {
  expect(fitPage([], 0)).toEqual([])
  expect(fitPage([() => 'a', () => 'b'], 5)).toEqual(['a'])
  expect(() => fitPage([() => 'a'], 1)).toThrow('maxTokens: is too few')
})
