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
  // Variation selectors carry a byte each, and fillers are letters that nobody sees.
  const smuggled = String.fromCodePoint(0xe0100, 0xe01ef, 0xfe00, 0xfe0f, 0x180b, 0x3164, 0xffa0, 0x115f, 0x034f)
  expect(visible(`a${smuggled}b😀${smuggled}`)).toBe('ab😀')
  expect(visible('one\u2028two\u2029three')).toBe('one\ntwo\nthree')
  expect(visible('❤\uFE0F\uFE0F 1\uFE0F\u20E3')).toBe('❤\uFE0F 1\uFE0F\u20E3')
  const kept = 'ligne\n\ttab, می\u200Cخواهم, 👩\u200D👧, 漢字, é'
  expect(visible(kept)).toBe(kept)
})
