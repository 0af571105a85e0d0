import { afterAll, describe, expect, test } from 'vitest'
import { hostilePages } from '../testing/hostile-pages.ts'
import { createReaders } from './readers.ts'

const readers = createReaders()
afterAll(() => readers.close())

describe('a hostile page', () => {
  test('is one of many kinds', () => {
    expect(hostilePages.length).toBeGreaterThanOrEqual(60)
  })

  test.each(hostilePages.map((page) => [page.outcome, page.name, page] as const))(
    'is %s: %s',
    async (outcome, _, page) => {
      const { html, url = 'https://www.example.com/a/page', contentType = 'text/html; charset=utf-8' } = page
      const result = await readers.readPage({ bytes: Buffer.from(html), contentType, url })
      expect(result).toMatchObject({ outcome, reason: expect.any(String) })
      expect(result).not.toHaveProperty('article')
    },
  )
})

describe('readers', () => {
  const page = `<article><h1>A piece</h1>${'<p>A sentence that says something, and goes on for long enough to be one.</p>'.repeat(200)}</article>`

  test('give up on time, and read the next one', async () => {
    const hasty = createReaders({ timeLimitMs: 1 })
    expect(await hasty.readPage({ html: page, url: 'https://example.com/' })).toMatchObject({
      outcome: 'refused',
      reason: 'reading it takes more than 0.001 s',
    })
    await hasty.close()
    expect(await readers.readPage({ html: page, url: 'https://example.com/' })).toMatchObject({ outcome: 'ok' })
  })

  test('give up on memory, and read the next one', async () => {
    const poor = createReaders({ heapMb: 24, timeLimitMs: 25_000 })
    const large = `<article>${'<p>A sentence with <b>some</b> <i>marks</i> in it, and a bit of text behind them.</p>'.repeat(6500)}</article>`
    expect(await poor.readPage({ html: large, url: 'https://example.com/' })).toMatchObject({
      outcome: 'refused',
      reason: 'reading it takes more than 24 MB of memory',
    })
    expect(await poor.readPage({ html: page, url: 'https://example.com/' })).toMatchObject({ outcome: 'ok' })
    await poor.close()
  })

  test('take many at once, more than they have threads', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        readers.readPage({ html: page.replace('A piece', `Piece ${n}`), url: `https://example.com/${n}` }),
      ),
    )
    expect(results.map((result) => result.outcome === 'ok' && result.article.url)).toEqual(
      results.map((_, n) => `https://example.com/${n}`),
    )
  })

  test('read feeds, lists of them, and what a page names', async () => {
    const feed =
      '<rss version="2.0"><channel><title>A feed</title><item><title>One</title><link>https://example.com/1</link></item></channel></rss>'
    expect(await readers.readFeed({ bytes: Buffer.from(feed), url: 'https://example.com/feed' })).toMatchObject({
      outcome: 'ok',
      feed: { title: 'A feed' },
    })
    expect(
      await readers.readOpml(Buffer.from('<opml><body><outline xmlUrl="https://example.com/feed"/></body></opml>')),
    ).toMatchObject({ outcome: 'ok' })
    expect(
      await readers.discoverFeeds(
        '<link rel="alternate" type="application/atom+xml" href="/a.xml">',
        'https://example.com/',
      ),
    ).toMatchObject({ feeds: [{ url: 'https://example.com/a.xml' }] })
  })
})
