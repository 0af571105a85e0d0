import { growth } from '@extropy/intake/testing'
import { describe, expect, test } from 'vitest'
import { lex } from './lex.ts'
import { readPieces, readSentences } from './sentences.ts'

const read = (text: string) => [...readSentences(text), ...readPieces(text)]

describe('reading takes in proportion to the text', () => {
  test.each([
    ['sentences that go on and on', '!x'],
    ['emphasis that never ends', '_a'],
    ['emphasis within emphasis', '*a'],
    ['notes that never end', '[^'],
    ['initials', 'A. '],
    ['items that each lead to all behind them', '- a:\n'],
    ['a heading over each item', '# a\n- b\n'],
    ['one word', 'a'],
  ])(
    '%s',
    async (_, unit) => {
      expect(
        await growth((size) => read(unit.repeat(size / unit.length)), 6000, { rounds: 2, leastUs: 2000 }),
      ).toBeLessThan(9)
    },
    60_000,
  )

  test('a paragraph has as many lines as it likes', () => {
    expect(read('a\n'.repeat(140_000)).length).toBeGreaterThan(0)
  }, 60_000)
})

describe('a text that is nested deeper than anybody writes is read as it stands', () => {
  test.each([
    ['quotes', '>'.repeat(40_000)],
    ['quotes with spaces', '> '.repeat(20_000)],
    ['lists', '- '.repeat(20_000)],
    ['numbered lists', '1. '.repeat(10_000)],
    ['quotes of lists', '> - '.repeat(10_000)],
    ['lists that step in', Array.from({ length: 250 }, (_, at) => `${' '.repeat(2 * at)}- a`).join('\n')],
  ])('%s', (_, nested) => {
    expect(lex(nested)).toBeUndefined()
    const sentences = readSentences(`It came first.\n\n${nested}\n\nIt came last.`)
    expect(sentences.map(({ text }) => text)).toEqual(expect.arrayContaining(['It came first.', 'It came last.']))
  })

  test('emphasis within emphasis', () => {
    expect(() => read('*a **b '.repeat(10_000))).not.toThrow()
    expect(() => read('['.repeat(40_000))).not.toThrow()
  })

  test('but not a discussion, or a list, of some depth', () => {
    expect(readSentences(`${'> '.repeat(20)}It was said.`).map(({ text }) => text)).toEqual(['It was said.'])
    expect(readSentences('- a\n  - b\n    - It was said.').map(({ text }) => text)).toContain('It was said.')
  })
})

test('what stands in a long paragraph is read, markup and all, and its places', () => {
  const content = Array.from({ length: 400 }, (_, at) => `Number **${at}** is [here](https://x.org/${at}).`).join(' ')
  const sentences = readSentences(content)
  expect(sentences.map(({ text }) => text)).toEqual(Array.from({ length: 400 }, (_, at) => `Number ${at} is here.`))
  expect(content.slice(sentences[399]?.start, sentences[399]?.end)).toBe('Number **399** is [here](https://x.org/399).')
})

test('a sentence is as long as it is, a piece is cut behind a space', () => {
  const content = `${'word '.repeat(1000)}end.`
  expect(readSentences(content).map(({ text }) => text)).toEqual([content])
  const pieces = readPieces(content)
  expect(pieces.map(({ text }) => text).join(' ')).toBe(content)
  expect(Math.max(...pieces.map(({ text }) => text.length))).toBeLessThanOrEqual(2000)
})
