import { expect, test } from 'vitest'
import { isOpml, targetsOf } from './targets.ts'

test('targets stand one a line, each once, without the empty lines between them', () => {
  expect(targetsOf(' https://example.org/blog \r\n\nr/typescript\nr/typescript\n')).toEqual([
    'https://example.org/blog',
    'r/typescript',
  ])
  expect(targetsOf(' \n')).toEqual([])
})

test('an OPML file is told by its first tags, an address that speaks of one is none', () => {
  expect(isOpml('\uFEFF<?xml version="1.0"?>\n<opml version="2.0"><body/></opml>')).toBe(true)
  expect(isOpml('https://example.org/<opml>')).toBe(false)
  expect(isOpml('<html><body/></html>')).toBe(false)
})
