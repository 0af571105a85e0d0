import { describe, expect, test } from 'vitest'
import { readOpml, type Subscription, writeOpml } from './opml.ts'

const read = (text: string) => readOpml(Buffer.from(text))
const opml = (outlines: string) =>
  `<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>${outlines}</body></opml>`

describe('readOpml', () => {
  test('takes feeds out of nested folders', () => {
    expect(
      read(
        opml(
          '<outline text="News"><outline text="Local"><outline type="rss" text="A" title="A &amp; B" xmlUrl="https://example.com/feed" htmlUrl="/"/></outline></outline><outline xmlUrl="https://example.org/feed"/>',
        ),
      ),
    ).toEqual({
      outcome: 'ok',
      title: 'Mine',
      subscriptions: [
        {
          url: 'https://example.com/feed',
          title: 'A & B',
          siteUrl: 'https://example.com/',
          folders: ['News', 'Local'],
        },
        { url: 'https://example.org/feed', folders: [] },
      ],
      skipped: [],
    })
  })

  test('takes 10,000 outlines, half of them dead, and says why for each', () => {
    const dead = [
      'xmlUrl="javascript:x"',
      'xmlUrl="file:///etc/passwd"',
      'type="rss"',
      'xmlUrl="https://"',
      'xmlUrl="https://example.com/0"',
    ]
    const outlines = Array.from(
      { length: 10_000 },
      (_, n) =>
        `<outline text="o${n}" ${n % 2 === 0 ? `xmlUrl="https://example.com/${n}"` : dead[((n - 1) / 2) % 5]}/>`,
    )
    const result = read(opml(outlines.join('')))
    if (!('skipped' in result)) throw new Error(result.reason)
    expect([result.subscriptions.length, result.skipped.length]).toEqual([5000, 5000])
    expect(new Set(result.skipped.map(({ reason }) => reason))).toEqual(
      new Set([
        'its xmlUrl is not an http or https address: javascript:x',
        'its xmlUrl is not an http or https address: file:///etc/passwd',
        'it has no xmlUrl',
        'its xmlUrl is not an http or https address: https://',
        'it is in the list already',
      ]),
    )
  })

  test.each([
    ['a broken end', opml('<outline text="A" xmlUrl="https://example.com/feed"/>').slice(0, -10)],
    ['other capitals', opml('<outline text="A" xmlURL="https://example.com/feed"/>')],
    ['the scheme feed:', opml('<outline text="A" xmlUrl="feed://example.com/feed"/>')],
    ['the scheme feed: before another', opml('<outline text="A" xmlUrl="feed:https://example.com/feed"/>')],
    ['a bare ampersand', opml('<outline text="A & B" xmlUrl="https://example.com/feed"/>')],
    ['outlines in no body', '<opml><outline xmlUrl="https://example.com/feed"/></opml>'],
  ])('reads %s', (_, text) => {
    expect(read(text)).toMatchObject({ outcome: 'ok', subscriptions: [{ url: 'https://example.com/feed' }] })
  })

  test.each([
    ['no OPML', '<html><body/></html>', 'failed', 'not OPML'],
    ['too many elements around', `<opml>${'<a>'.repeat(101)}`, 'refused', 'more than 100 levels'],
    ['too many folders', opml('<outline text="f">'.repeat(60)), 'refused', 'more than 50 levels'],
    ['too many bytes', opml(' '.repeat(5_000_001)), 'refused', 'more than 5 MB'],
  ])('refuses %s', (_, text, outcome, reason) => {
    expect(read(text)).toMatchObject({ outcome, reason: expect.stringContaining(reason) })
  })

  test('takes no more than 10,000 feeds', () => {
    const result = read(
      opml(Array.from({ length: 10_002 }, (_, n) => `<outline xmlUrl="https://example.com/${n}"/>`).join('')),
    )
    expect(result).toMatchObject({ skipped: [{ reason: 'the list has more than 10000 feeds' }, {}] })
  })

  test('says that a list without feeds is empty', () => {
    expect(read(opml('<outline text="Folder"/>'))).toMatchObject({ outcome: 'empty', subscriptions: [] })
  })
})

test('what writeOpml writes, readOpml reads', () => {
  const subscriptions: Subscription[] = [
    {
      url: 'https://example.com/feed?a=1&b=2',
      title: 'A "quoted" <title> & more',
      siteUrl: 'https://example.com/',
      folders: ['News', 'Local'],
    },
    { url: 'https://example.org/feed', title: 'ぶろぐ', folders: ['News'] },
    { url: 'https://example.net/feed', title: 'https://example.net/feed', folders: [] },
  ]
  const result = readOpml(Buffer.from(writeOpml(subscriptions, 'My feeds')))
  expect(result).toMatchObject({ outcome: 'ok', title: 'My feeds', skipped: [] })
  expect('subscriptions' in result && new Set(result.subscriptions)).toEqual(new Set(subscriptions))
})
