import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkSpans, chunkText } from './chunk-text.ts'

const withoutSpace = (text: string) => text.replace(/\s+/g, '')

test('a short text is one passage, a blank one none', () => {
  expect(chunkText('One sentence. And another.\n\nA paragraph.')).toEqual([
    'One sentence. And another.\n\nA paragraph.',
  ])
  expect(chunkText(' \n\n\t ')).toEqual([])
})

test('passages end at sentence ends and repeat the last sentences of the one before', () => {
  const sentences = Array.from({ length: 60 }, (_, n) => `This is sentence number ${n} of a longer text.`)
  const passages = chunkText(sentences.join(' '), { targetLength: 200, maxLength: 300, overlapLength: 60 })
  expect(passages.length).toBeGreaterThan(10)
  for (const [at, passage] of passages.entries()) {
    expect(passage).toMatch(/^This is .* text\.$/)
    const before = passages[at - 1]
    if (before !== undefined) expect(passage.startsWith(before.slice(before.lastIndexOf('This is')))).toBe(true)
  }
})

test('text without a sentence end is cut at white space; without any of that, at the limit', () => {
  const words = chunkText('word '.repeat(1000), { targetLength: 100, maxLength: 150, overlapLength: 0 })
  expect(words.every((passage) => /^(word )*word$/.test(passage))).toBe(true)
  expect(
    chunkText('x'.repeat(1000), { targetLength: 100, maxLength: 150 }).every((passage) => passage.length <= 150),
  ).toBe(true)
})

test('a text of very many lines is cut like any other', () => {
  const passages = chunkText('a\n'.repeat(2_400_000))
  expect(passages.length).toBeGreaterThan(1000)
  expect(passages.every((passage) => /^(a\n)*a$/.test(passage))).toBe(true)
})

test('a character of two units is never cut', () => {
  for (const offset of [0, 1]) {
    const passages = chunkText('x'.repeat(offset) + '😀'.repeat(500), { targetLength: 100, maxLength: 151 })
    expect(passages.every((passage) => passage.isWellFormed())).toBe(true)
  }
})

test('for any text: verbatim, bounded, in order, and nothing but white space lost', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.lorem({ maxCount: 3, mode: 'sentences' }),
    fc.constantFrom('\n\n', '\n', '```\ncode\n```', '。', '! ', '   ', '😀'.repeat(40), 'y'.repeat(300)),
  )
  const options = { targetLength: 120, maxLength: 180, overlapLength: 40 }
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('').toWellFormed()
      let covered = 0
      let previous = -1
      for (const { start, end } of chunkSpans(text, options)) {
        expect(end - start).toBeLessThanOrEqual(options.maxLength)
        expect(text.slice(start, end)).toBe(text.slice(start, end).trim())
        expect(text.slice(start, end).isWellFormed()).toBe(true)
        expect(start).toBeGreaterThan(previous)
        expect(end).toBeGreaterThan(covered)
        // Between what has been covered and this passage there is nothing but white space.
        expect(withoutSpace(text.slice(covered, start))).toBe('')
        covered = end
        previous = start
      }
      expect(withoutSpace(text.slice(covered))).toBe('')
    }),
  )
})
