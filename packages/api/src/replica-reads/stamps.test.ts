import { expect, test } from 'vitest'
import { createStamps } from './stamps.ts'

const stamps = createStamps('one')

test('a stamp says what it was made of, to every server of its database and to no other', () => {
  const stamp = stamps.write(0x1_6b37_4d84n)
  expect(createStamps('one').read(stamp)).toBe(0x1_6b37_4d84n)
  expect(createStamps('two').read(stamp)).toBe(undefined)
})

test('of two stamps the later one sorts behind', () => {
  const places = [1n, 0xffn, 0x100n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 63n]
  const written = places.map((place) => stamps.write(place))
  expect(written.toSorted()).toEqual(written)
})

test('one that is made up, changed or broken is none', () => {
  const stamp = stamps.write(5n)
  const later = stamp.replace('5', '6')
  const others = [
    '',
    'x',
    stamp.slice(1),
    `${stamp}A`,
    later,
    stamp.toLowerCase(),
    `${stamp.slice(0, 16)}${'A'.repeat(16)}`,
    '💥'.repeat(16),
  ]
  expect(others.map((each) => stamps.read(each))).toEqual(others.map(() => undefined))
})
