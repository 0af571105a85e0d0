import { expect, test } from 'vitest'
import { createStamps } from './stamps.ts'

const stamps = createStamps('one')

test('a stamp says what it was made of, to every server of its database and to no other', () => {
  const place = { timeline: 18, lsn: 0x1_6b37_4d84n }
  const stamp = stamps.write(place)
  expect(createStamps('one').read(stamp)).toEqual(place)
  expect(createStamps('two').read(stamp)).toBe(undefined)
})

test('of two stamps the later one sorts behind, and one after a promotion behind all before it', () => {
  const places = [1n, 0xffn, 0x100n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 63n]
  const written = [1, 2, 16].flatMap((timeline) => places.map((lsn) => stamps.write({ timeline, lsn })))
  expect(written.toSorted()).toEqual(written)
})

test('one that is made up, changed or broken is none', () => {
  const stamp = stamps.write({ timeline: 1, lsn: 5n })
  const later = stamp.replace('5', '6')
  const others = [
    '',
    'x',
    stamp.slice(1),
    `${stamp}A`,
    later,
    stamp.toLowerCase(),
    `${stamp.slice(0, 24)}${'A'.repeat(16)}`,
    '💥'.repeat(20),
  ]
  expect(others.map((each) => stamps.read(each))).toEqual(others.map(() => undefined))
})
