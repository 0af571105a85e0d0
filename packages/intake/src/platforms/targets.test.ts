import { expect, test } from 'vitest'
import { guessPlatform, planTarget } from './index.ts'
import { type PlatformName, TargetError } from './platform.ts'

const channel = 'UCBR8-60-B28hp2BmDPdntcQ'
const video = 'dQw4w9WgXcQ'

/** What people write → platform, kind, key. */
test.each([
  // A site or a page
  ['example.org', 'web', 'site', 'https://example.org/'],
  ['https://example.org', 'web', 'site', 'https://example.org/'],
  ['  https://EXAMPLE.org/  ', 'web', 'site', 'https://example.org/'],
  ['http://example.org/?utm_source=x', 'web', 'site', 'http://example.org/'],
  ['example.org/blog', 'web', 'page', 'https://example.org/blog'],
  ['localhost:8080', 'web', 'site', 'https://localhost:8080/'],
  ['http://127.0.0.1:4000', 'web', 'site', 'http://127.0.0.1:4000/'],
  ['https://example.org/sitemap.xml', 'web', 'sitemap', 'https://example.org/sitemap.xml'],
  ['https://example.org/a.html#part', 'web', 'page', 'https://example.org/a.html'],
  // A feed
  ['https://example.org/feed', 'rss', 'feed', 'https://example.org/feed'],
  ['https://example.org/feed/', 'rss', 'feed', 'https://example.org/feed/'],
  ['https://example.org/feed.xml', 'rss', 'feed', 'https://example.org/feed.xml'],
  ['https://example.org/atom.xml?x=1', 'rss', 'feed', 'https://example.org/atom.xml?x=1'],
  ['https://example.org/index.rdf', 'rss', 'feed', 'https://example.org/index.rdf'],
  ['https://example.org/feed.json', 'rss', 'feed', 'https://example.org/feed.json'],
  ['feed://example.org/posts', 'rss', 'feed', 'https://example.org/posts'],
  ['feed:https://example.org/posts', 'rss', 'feed', 'https://example.org/posts'],
  // YouTube
  [channel, 'youtube', 'channel', `channel:${channel}`],
  [`https://www.youtube.com/channel/${channel}`, 'youtube', 'channel', `channel:${channel}`],
  [`https://m.youtube.com/channel/${channel}/videos`, 'youtube', 'channel', `channel:${channel}`],
  [`https://www.youtube.com/feeds/videos.xml?channel_id=${channel}`, 'youtube', 'channel', `channel:${channel}`],
  ['https://www.youtube.com/@Spotlight', 'youtube', 'handle', '@spotlight'],
  ['youtube.com/@Spotlight/videos', 'youtube', 'handle', '@spotlight'],
  ['youtube.com/c/Spotlight', 'youtube', 'handle', 'c:spotlight'],
  ['youtube.com/user/Spotlight', 'youtube', 'handle', 'user:spotlight'],
  [`https://www.youtube.com/watch?v=${video}&t=10s`, 'youtube', 'video', `video:${video}`],
  [`https://youtu.be/${video}?si=abc`, 'youtube', 'video', `video:${video}`],
  [`youtube.com/shorts/${video}`, 'youtube', 'video', `video:${video}`],
  [`https://www.youtube.com/embed/${video}`, 'youtube', 'video', `video:${video}`],
  [`https://music.youtube.com/watch?v=${video}`, 'youtube', 'video', `video:${video}`],
  ['https://www.youtube.com/playlist?list=PL1234567890ab', 'youtube', 'playlist', 'playlist:PL1234567890ab'],
  // Reddit
  ['r/rust', 'reddit', 'subreddit', 'r/rust'],
  ['/r/Rust/', 'reddit', 'subreddit', 'r/rust'],
  ['https://www.reddit.com/r/Rust/', 'reddit', 'subreddit', 'r/rust'],
  ['https://old.reddit.com/r/rust/.rss', 'reddit', 'subreddit', 'r/rust'],
  ['u/ferris', 'reddit', 'user', 'u/ferris'],
  ['reddit.com/user/Ferris', 'reddit', 'user', 'u/ferris'],
  ['https://www.reddit.com/r/rust/comments/1ABC2d/a_parser/', 'reddit', 'post', 'post:1abc2d'],
  // X
  ['https://twitter.com/Ada', 'twitter', 'profile', '@ada'],
  ['x.com/ada', 'twitter', 'profile', '@ada'],
  ['https://mobile.twitter.com/ada?lang=de', 'twitter', 'profile', '@ada'],
  ['https://x.com/ada/status/1234567890?s=20', 'twitter', 'post', 'post:1234567890'],
] as const)('«%s» is a %s %s', (text, platform, kind, key) => {
  expect(guessPlatform(text)).toBe(platform)
  expect(planTarget(text)).toMatchObject({ platform, kind, key })
})

test.each([
  ['@ada', 'youtube', 'handle', '@ada'],
  ['@ada', 'twitter', 'profile', '@ada'],
  ['example.org/posts', 'rss', 'feed', 'https://example.org/posts'],
  ['https://example.org/feed.xml', 'web', 'page', 'https://example.org/feed.xml'],
] as const)('«%s» with the platform %s is its %s', (text, platform, kind, key) => {
  expect(planTarget(text, platform)).toMatchObject({ platform, kind, key })
})

test.each<[string, PlatformName | undefined, RegExp]>([
  ['@ada', undefined, /youtube and twitter/],
  ['', undefined, /not a web address/],
  ['not a page', undefined, /not a web address/],
  ['ada@example.org', undefined, /mail address/],
  ['ftp://example.org/', undefined, /not a web address/],
  ['javascript:alert(1)', undefined, /not a web address/],
  ['file:///etc/passwd', undefined, /not a web address/],
  ['https://user:secret@example.org/', undefined, /password/],
  ['intranet', undefined, /not a web address/],
  ['https://www.youtube.com/', undefined, /no channel/],
  ['https://www.youtube.com/watch?v=short', undefined, /no channel/],
  ['https://notyoutube.com/@a', 'youtube', /no channel/],
  ['r/', 'reddit', /nothing on Reddit/],
  ['https://www.reddit.com/', undefined, /nothing on Reddit/],
  ['https://evilreddit.com/r/rust', 'reddit', /nothing on Reddit/],
  ['https://x.com/', undefined, /nothing on X/],
  ['@a-name-with-dashes', 'twitter', /nothing on X/],
])('«%s» is refused, with what to write instead', (text, platform, message) => {
  const plan = () => planTarget(text, platform)
  expect(plan).toThrow(TargetError)
  expect(plan).toThrow(message)
})
