import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SourceUrl } from './source-url.ts'

test.each([
  ' https://w.org/1',
  'https://w.org/1\n',
  'https://w.org/\t1',
  'HTTPS://W.ORG/1',
  'https://w.org:443/1',
  'https://w.org/a/../1',
  'https://w.org/%61/%2e%2E/1',
  'https://w.org/./1',
  'https://w.org/%31',
  'https://w.org/1#',
  'https://w.org/1#:~:text=some%20words',
])('%j is https://w.org/1', (spelling) => {
  expect(SourceUrl.parse(spelling)).toBe('https://w.org/1')
})

test.each([
  ['https://w.org', 'https://w.org/'],
  ['http://w.org:80?q=%7e%2f', 'http://w.org/?q=~%2F'],
  ['https://w.org/ü/100%', 'https://w.org/%C3%BC/100%25'],
  ['https://münchen.de/', 'https://xn--mnchen-3ya.de/'],
])('%s is kept as %s', (spelling, normal) => {
  expect(SourceUrl.parse(spelling)).toBe(normal)
})

test.each([
  ['https://w.org/1', 'http://w.org/1'],
  ['https://w.org/1', 'https://w.org/1/'],
  ['https://w.org/A', 'https://w.org/a'],
  ['https://w.org/a%2Fb', 'https://w.org/a/b'],
  ['https://w.org/1', 'https://w.org/1#second-entry'],
  ['https://w.org/1', 'https://w.org/1?utm_source=x'],
  ['https://w.org/?a=1&b=2', 'https://w.org/?b=2&a=1'],
  ['https://w.org/100%', 'https://w.org/100'],
])('%s and %s are two contents', (one, other) => {
  expect(SourceUrl.parse(one)).not.toBe(SourceUrl.parse(other))
})

test('the normal form of a normal form is itself', () => {
  const part = fc.oneof(
    fc.webPath(),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('%', '%%37%35', '%2e%2e/', '/..', '#', ':~:', '?', '%C3'),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const { data } = SourceUrl.safeParse(`https://w.org/${parts.join('')}`)
      if (data !== undefined) expect(SourceUrl.parse(data)).toBe(data)
    }),
  )
})

test("the name that an archive's reader gives to a thing without an address is kept as it is", () => {
  expect(SourceUrl.parse('urn:extropy:file:notes/On%20sand.md')).toBe('urn:extropy:file:notes/On%20sand.md')
})

test.each([
  ['urn:isbn:1', 'must be an http or https URL'],
  ['urn:extropy:file:a b', 'must be an http or https URL'],
  ['ftp://w.org/', 'must be an http or https URL'],
  ['w.org/1', 'must be an http or https URL'],
  ['https:w.org', 'must be an http or https URL'],
  ['https://', 'must be an http or https URL'],
  ['https://u:p@w.org/', 'must not have a user name or a password'],
  [`https://w.org/${'漢'.repeat(1000)}`, 'must be at most 2048 bytes, percent-encoded'],
])('%s is refused', (text, message) => {
  expect(SourceUrl.safeParse(text).error?.issues[0]?.message).toBe(message)
})
