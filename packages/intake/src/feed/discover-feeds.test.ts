import { expect, test } from 'vitest'
import { discoverFeeds } from './discover-feeds.ts'

const head = `<link rel="alternate" type="application/rss+xml" title="Posts" href="/feed"><link rel="ALTERNATE home" type="application/atom+xml" href="atom.xml"><link rel=alternate type="application/feed+json" href="/feed.json">
  <link rel="alternate" hreflang="de" href="/de/"><link rel="alternate" type="application/json+oembed" href="/oembed?x=1"><link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1"><link rel="alternate" type="application/rss+xml" href="javascript:x"><link rel="stylesheet" href="/feed.css">`

test('the feeds that a page names come first, each once, absolute', () => {
  const { feeds } = discoverFeeds(`<html><head>${head}${head}</head></html>`, 'https://example.com/blog/post')
  expect(feeds).toEqual([
    { url: 'https://example.com/feed', title: 'Posts', type: 'application/rss+xml' },
    { url: 'https://example.com/blog/atom.xml', type: 'application/atom+xml' },
    { url: 'https://example.com/feed.json', type: 'application/feed+json' },
  ])
})

test('links that look like feeds, then the usual places, are candidates', () => {
  const { feeds, candidates } = discoverFeeds(
    '<body><a href="/en/rss.xml">RSS</a><a href="/feedback">Feedback</a></body>',
    'https://example.com/blog/post',
  )
  expect(feeds).toEqual([])
  expect(candidates.slice(0, 3)).toEqual([
    'https://example.com/en/rss.xml',
    'https://example.com/blog/feed',
    'https://example.com/blog/feed.xml',
  ])
  expect(candidates).toContain('https://example.com/feed')
  expect(candidates).not.toContain('https://example.com/feedback')
})

test('a base element counts', () => {
  expect(
    discoverFeeds(
      '<base href="https://example.org/x/"><link rel="alternate" type="application/rss+xml" href="feed">',
      'https://example.com/',
    ).feeds,
  ).toMatchObject([{ url: 'https://example.org/x/feed' }])
})
