import { expect, test } from 'vitest'
import { readSentencesNear } from './sentences-near.ts'

const text = 'It stands here. '.repeat(10_000)

test('of a long text only what stands near is read, with its places in the whole', () => {
  const sentences = readSentencesNear(text, [80_000, 80_016])
  expect(sentences.length).toBeLessThan(3000)
  expect(sentences.filter(({ start, end }) => text.slice(start, end) === 'It stands here.').length).toBeGreaterThan(
    2000,
  )
  expect(sentences.some(({ start }) => start === 80_000)).toBe(true)
  expect(new Set(sentences.map(({ start }) => start)).size).toBe(sentences.length)
})

test('a blank line far behind the place hides it not', () => {
  const places = readSentencesNear(`${text}\n\nThe end.`, [80_000]).map(({ start }) => start)
  expect(places).toContain(80_000)
})
