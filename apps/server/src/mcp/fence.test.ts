import { expect, test } from 'vitest'
import { createFence, visible } from './fence.ts'

test('a text stands whole within the marks, which are new each time', () => {
  const fence = createFence()
  expect(fence.around('Ordinary.')).toMatch(/^\[\[(\w{10})\]\]Ordinary\.\[\[\/\1\]\]$/)
  expect(fence.label).toContain(fence.around('').slice(2, 12))
  expect(createFence().label).not.toBe(fence.label)
  expect(createFence('m').around('abcdef', 3)).toBe('[[m]]abc…[[/m]]')
})

test('characters that only a model reads are left out; lines, scripts and emoji stay', () => {
  const hidden = String.fromCodePoint(0xe0041, 0x202e, 0x2066, 0x200b, 0x1b, 0x07, 0xfeff, 0xad)
  expect(visible(`a${hidden}b`)).toBe('ab')
  const kept = 'ligne\n\ttab, می\u200Cخواهم, 👩\u200D👧, 漢字, é'
  expect(visible(kept)).toBe(kept)
})
