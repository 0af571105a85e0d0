import { describe, expect, test } from 'vitest'
import type { FeedResult } from './feed.ts'
import { readFeed } from './read-feed.ts'

const url = 'https://example.com/blog/feed.xml'
const read = (text: string | Uint8Array, contentType?: string): FeedResult =>
  readFeed({ bytes: typeof text === 'string' ? Buffer.from(text) : text, contentType, url })
function entriesOf(text: string | Uint8Array) {
  const result = read(text)
  if (!('entries' in result)) throw new Error(`${result.outcome}: ${result.reason}`)
  return result.entries
}
const rss = (
  items: string,
  channel = '<title>A feed</title><link>https://example.com/blog/</link>',
  attributes = 'version="2.0"',
) =>
  `<?xml version="1.0"?><rss ${attributes} xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>${channel}${items}</channel></rss>`
const atom = (entries: string, feed = '<title>A feed</title>') =>
  `<feed xmlns="http://www.w3.org/2005/Atom">${feed}${entries}</feed>`

const kinds: Readonly<Record<string, string>> = {
  'RSS 0.91': rss(
    '<item><title>One</title><link>https://example.com/1</link><description>d</description></item>',
    undefined,
    'version="0.91"',
  ),
  'RSS 0.92': rss('<item><title>One</title><link>https://example.com/1</link></item>', undefined, 'version="0.92"'),
  'RSS 2.0': rss(
    '<item><title>One</title><link>https://example.com/1</link><guid isPermaLink="false">g1</guid></item>',
  ),
  RDF: '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>A feed</title><link>https://example.com/blog/</link></channel><item rdf:about="https://example.com/1"><title>One</title><link>https://example.com/1</link></item></rdf:RDF>',
  'Atom 0.3':
    '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>A feed</title><entry><title mode="base64">T25l</title><link rel="alternate" href="https://example.com/1"/><id>g1</id></entry></feed>',
  'Atom 1.0': atom(
    '<entry><title>One</title><link href="https://example.com/1"/><id>g1</id><updated>2026-05-03T10:00:00Z</updated></entry>',
  ),
  'Atom inside XHTML': `<html xmlns="http://www.w3.org/1999/xhtml"><body>${atom('<entry><title>One</title><link href="https://example.com/1"/><id>g1</id></entry>')}</body></html>`,
  'a JSON feed': JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'A feed',
    items: [{ id: 'g1', url: 'https://example.com/1', title: 'One', content_text: 'x' }],
  }),
  'a JSON feed without a version': JSON.stringify({
    title: 'A feed',
    items: [{ id: 'g1', url: 'https://example.com/1', title: 'One' }],
  }),
  'text before the declaration': `\n\n  ${rss('<item><title>One</title><link>https://example.com/1</link></item>')}`,
  'a bare ampersand': rss(
    '<item><title>One</title><link>https://example.com/1</link><description>R&D & more</description></item>',
  ),
  'a cut end': rss('<item><title>One</title><link>https://example.com/1</link></item>').slice(0, -12),
  'cut CDATA': rss('').replace(
    '</channel></rss>',
    '<item><title>One</title><link>https://example.com/1</link><description><![CDATA[it ends he',
  ),
  'an entity that XML does not know': rss(
    '<item><title>One</title><link>https://example.com/1</link><description>caf&eacute;&nbsp;!</description></item>',
  ),
  'null bytes': rss('<item><title>O\0ne</title><link>https://example.com/1</link></item>'),
}

describe('readFeed reads', () => {
  test.each(Object.entries(kinds))('%s', (_, text) => {
    expect(read(text)).toMatchObject({
      outcome: 'ok',
      feed: { title: 'A feed' },
      entries: [{ title: 'One', url: 'https://example.com/1' }],
    })
  })

  test('a feed without entries as empty, with what it says of itself', () => {
    expect(read(rss(''))).toEqual({
      outcome: 'empty',
      feed: { format: 'rss', title: 'A feed', siteUrl: 'https://example.com/blog/', hubs: [] },
      entries: [],
    })
  })

  test('the channel', () => {
    const channel =
      '<title>A &amp; B</title><link>/blog/</link><description>All &lt;b&gt;of&lt;/b&gt; it</description><language>en_gb</language><ttl>90</ttl><atom:link rel="self" href="/feed"/><atom:link rel="hub" href="https://hub.example.com/"/>'
    expect(read(rss('', channel))).toMatchObject({
      feed: {
        title: 'A & B',
        siteUrl: 'https://example.com/blog/',
        description: 'All of it',
        language: 'en-GB',
        ttlMs: 5_400_000,
        selfUrl: 'https://example.com/feed',
        hubs: ['https://hub.example.com/'],
      },
    })
    expect(
      read(
        rss('', '<title>x</title><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>'),
      ),
    ).toMatchObject({ feed: { ttlMs: 43_200_000 } })
  })

  test('an item whole: Markdown, author, dates, tags, enclosures, addresses absolute and without tracking', () => {
    const [entry] = entriesOf(
      rss(`<item><title>Test: &lt;b&gt;bold&lt;/b&gt;</title><link>/blog/1?utm_source=rss</link><guid isPermaLink="false">g1</guid><dc:creator>A. Writer</dc:creator>
        <pubDate>Sun, 03 May 2026 10:00:00 +0200</pubDate><category>one</category><category>two</category><enclosure url="/a.mp3" length="12" type="audio/mpeg"/>
        <description>Short.</description><content:encoded><![CDATA[<p>See <a href="2">the next</a> and <a href="javascript:x">that</a>.</p><pre><code class="language-js">f()</code></pre>]]></content:encoded></item>`),
    )
    expect(entry).toEqual({
      id: 'g1',
      url: 'https://example.com/blog/1',
      aliases: ['https://example.com/blog/1?utm_source=rss'],
      title: 'Test: bold',
      body: 'See [the next](https://example.com/blog/2) and that.\n\n```js\nf()\n```',
      kind: 'post',
      author: { username: 'A. Writer', displayName: 'A. Writer' },
      publishedAt: new Date('2026-05-03T08:00:00Z'),
      tags: ['one', 'two'],
      enclosures: [{ url: 'https://example.com/a.mp3', type: 'audio/mpeg', bytes: 12 }],
      summaryOnly: false,
    })
  })

  test('an entry by xml:base, with its own language and the feed’s author', () => {
    const entries = entriesOf(
      atom(
        '<entry xml:base="https://example.org/x/" xml:lang="de"><title type="html">a &amp;lt; b</title><id>g</id><link href="y"/><updated>2026-05-03T10:00:00Z</updated><content type="html">&lt;a href="z"&gt;z&lt;/a&gt; und mehr</content></entry>',
        '<title>A</title><author><name>A. Writer</name></author>',
      ),
    )
    expect(entries).toMatchObject([
      {
        url: 'https://example.org/x/y',
        title: 'a < b',
        language: 'de',
        author: { username: 'A. Writer' },
        body: expect.stringContaining('https://example.org/x/z'),
      },
    ])
  })

  test('every entry, whatever it lacks', () => {
    const entries = entriesOf(
      rss(
        '<item><description>Only words, no more.</description></item><item/><item><guid>https://example.com/g</guid></item>',
      ),
    )
    expect(entries.map(({ title, untitled, url: at }) => [title, untitled, at.slice(0, 11)])).toEqual([
      ['Only words, no more.', true, 'urn:sha256:'],
      ['', true, 'urn:sha256:'],
      ['https://example.com/g', true, 'https://exa'],
    ])
  })

  test('the same urn for the same entry, the next time', () => {
    const text = rss('<item><title>No address</title></item>')
    expect(entriesOf(text)[0]?.url).toBe(entriesOf(text)[0]?.url)
  })

  test('entries that share an id apart', () => {
    const entries = entriesOf(
      rss(
        [1, 2, 2]
          .map((n) => `<item><guid isPermaLink="false">same</guid><link>https://example.com/${n}</link></item>`)
          .join(''),
      ),
    )
    expect(entries.map(({ id }) => id)).toEqual(['same', 'same https://example.com/2', 'same https://example.com/2 2'])
  })

  test.each([
    ['<description>A short teaser.</description>', true],
    [`<description>${'A full text in the description. '.repeat(60)}</description>`, false],
    [`<description>${'A long text that is cut in the middle. '.repeat(60)}[…]</description>`, true],
    ['<content:encoded>A short post, whole.</content:encoded>', false],
    ['<content:encoded>The beginning of it… Continue reading</content:encoded>', true],
    ['', true],
  ])('whether %s is a summary', (text, summaryOnly) => {
    expect(entriesOf(rss(`<item><title>One</title><link>https://example.com/1</link>${text}</item>`))[0]).toMatchObject(
      { summaryOnly },
    )
  })

  test.each(['Using Vec<T> in Rust', 'a < b && c > d', '5 > 4'])('the title %j letter by letter', (title) => {
    const escaped = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    expect(entriesOf(rss(`<item><title>${escaped}</title></item>`))[0]?.title).toBe(title)
  })
})

describe('readFeed refuses', () => {
  test.each([
    ['nothing', '', 'failed', 'the document is empty'],
    [
      'a page',
      '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body><p>Hello</p></body></html>',
      'failed',
      'an HTML page, not a feed: it names https://example.com/feed',
    ],
    [
      'a page without feeds',
      '<html><body><p>Hello</p></body></html>',
      'failed',
      'an HTML page, not a feed: it names no feed',
    ],
    ['other XML', '<note><to>x</to></note>', 'failed', 'not a feed: its first element is <note>'],
    ['plain text', 'Not found', 'failed', 'not a feed: the document has no elements'],
    ['cut JSON', '{"version":"https://jsonfeed.org/version/1","items":[{', 'failed', 'not a JSON feed: '],
    ['other JSON', '{"error":"no"}', 'failed', 'not a JSON feed: it has no list of items'],
    ['too many bytes', `<rss>${' '.repeat(5_000_001)}`, 'refused', 'the feed has more than 5 MB'],
    [
      'deep nesting',
      `<rss><channel>${'<a>'.repeat(200_000)}`,
      'refused',
      'the feed has more than 100 levels of elements',
    ],
    [
      'many attributes',
      `<rss ${Array.from({ length: 200_000 }, (_, n) => `a${n}="1"`).join(' ')}>`,
      'refused',
      'the feed has more than 500 attributes of one element',
    ],
    [
      'many elements',
      `<rss><channel>${'<a/>'.repeat(400_000)}</channel></rss>`,
      'refused',
      'the feed has more than 300000 elements',
    ],
  ])('%s', (_, text, outcome, reason) => {
    expect(read(text)).toMatchObject({ outcome, reason: expect.stringContaining(reason) })
  })

  test('to expand entities, or to read a file', () => {
    const bomb = `<!DOCTYPE r [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c SYSTEM "file:///etc/passwd">]>${rss(`<item><title>&b;&c;</title><link>https://example.com/1</link></item>`).slice(21)}`
    const result = read(bomb)
    expect(JSON.stringify(result).length).toBeLessThan(20_000)
    expect(JSON.stringify(result)).not.toContain('root:')
  })

  test('more than 1,000 entries, and says so', () => {
    const result = read(rss('<item><title>x</title></item>'.repeat(5000)))
    expect(result).toMatchObject({ outcome: 'ok', truncated: true })
    expect('entries' in result && result.entries.length).toBe(1000)
  })
})

test('1,000 mutations of feeds crash nothing, and each has its outcome', () => {
  let seed = 41
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const sources = Object.values(kinds).map((text) => Buffer.from(text))
  for (let round = 0; round < 1000; round++) {
    let bytes = Buffer.from(sources[round % sources.length] as Buffer)
    for (let times = 1 + random(4); times > 0; times--) {
      const at = random(bytes.length)
      const some = bytes.subarray(at, at + random(60))
      const kind = random(6)
      if (kind === 0) bytes = bytes.subarray(0, at)
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some.length)])
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at)])
      else if (kind === 3)
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(
            ['<', '>', '&', ']]>', '<![CDATA[', '"', '\0', '</item>', '<item>', '&#x0;', '\uFFFF'][
              random(11)
            ] as string,
          ),
          bytes.subarray(at),
        ])
      else bytes[at] = random(256)
    }
    const result = read(bytes)
    expect('entries' in result || result.reason !== '').toBe(true)
  }
})
