import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { createReaders } from '../../readers/readers.ts'
import { createFakeTools } from '../testing/fake-tools.ts'
import { fetch } from './fetch.ts'
import { readSitemap } from './sitemap.ts'

const map = (inside: string) => Buffer.from(`<?xml version="1.0"?><urlset>${inside}</urlset>`)
const page = (path: string, inside = '') => `<url><loc>https://example.org/${path}</loc>${inside}</url>`

describe('a sitemap', () => {
  test('gives its pages, the newest first, whatever they are packed and written in', () => {
    const text = `<s:urlset>${page('old', '<lastmod>2020-01-01</lastmod>')}${page('new', '<lastmod>2024-01-01</lastmod>')}</s:urlset>`
    const utf16 = Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from(text, 'utf16le')])
    for (const body of [Buffer.from(text), gzipSync(text), utf16])
      expect(readSitemap(body)).toMatchObject({
        outcome: 'ok',
        pages: [{ url: 'https://example.org/new' }, { url: 'https://example.org/old' }],
        maps: [],
      })
  })

  test.each([
    ['levels', `<urlset>${'<a>'.repeat(51)}`, 'the sitemap has more than 50 levels of elements'],
    ['elements', map('<a/>'.repeat(1_000_001)), 'the sitemap has more than 1000000 elements'],
    ['packing', gzipSync(map(page('a').repeat(50_000))), 'the sitemap unpacks to more than 100 times what was sent'],
  ])('is refused for its %s', (_, body, reason) => {
    expect(readSitemap(Buffer.from(body))).toEqual({ outcome: 'refused', reason })
  })

  test('gives nothing of a place that is longer than addresses are, and 50,000 of all the rest', () => {
    const long = `https://example.org/${'1'.repeat(100_000)}`
    expect(readSitemap(map(`<url><loc>${long}</loc></url>${page('a')}`))).toMatchObject({
      outcome: 'ok',
      pages: [{ url: 'https://example.org/a' }],
    })
    const many = readSitemap(map(Array.from({ length: 50_010 }, (_, n) => page(`${n}`)).join('')))
    expect(many.outcome === 'ok' && many.pages.length).toBe(50_000)
  })

  test('is none where it is something else, or cannot be unpacked', () => {
    for (const body of ['<rss/>', 'words', '', Buffer.from('1f8b0011', 'hex')])
      expect(readSitemap(Buffer.from(body))).toEqual({ outcome: 'failed', reason: 'this is not a sitemap' })
  })
})

describe('a look at a sitemap', () => {
  const url = 'https://example.org/sitemap.xml'
  const target = { platform: 'web', kind: 'sitemap', key: url, url, label: url } as const
  const tools = createFakeTools({ [url]: { body: map(page('a')).toString() } })
  afterAll(() => tools.close())

  test('has it read by a thread, with a limit of time', async () => {
    const hasty = createReaders({ timeLimitMs: 1 })
    const round = await fetch(target, { ...tools, readers: hasty }, { limit: 5, memory: {} })
    expect(round).toMatchObject({ outcome: 'refused', message: 'Reading it takes more than 0.001 s.' })
    await hasty.close()
  })

  test('says of what is none that it is none', async () => {
    const other = createFakeTools({ [url]: { body: '<p>Words.</p>' } })
    const round = await fetch(target, other, { limit: 5, memory: {} })
    expect(round).toMatchObject({ outcome: 'failed', message: 'This is not a sitemap.' })
    await other.close()
  })
})
