import { absolute } from '../page/metadata.ts'
import { feedsOf } from '../page/read-page.ts'
import { type FeedLink, survey } from '../page/survey.ts'

export interface Discovered {
  /** Feeds that the page names in its head. */
  readonly feeds: readonly FeedLink[]
  /** Addresses at which a feed may be, the likeliest first: links that look like one, then the places where programs put them. */
  readonly candidates: readonly string[]
}

const usual = [
  'feed',
  'feed.xml',
  'rss.xml',
  'atom.xml',
  'index.xml',
  'rss',
  'feed.json',
  'feeds/posts/default',
  '?feed=rss2',
]

/** The feeds of a page's site. Asks nobody: whether there is a feed at a candidate, a fetch will tell. */
export function discoverFeeds(html: string, url: string): Discovered {
  const page = survey(html)
  const base = absolute(page.base, url) ?? url
  const feeds = feedsOf(page, url)
  const named = new Set(feeds.map((feed) => feed.url))
  const folder = new URL('.', url).href
  const root = new URL('/', url).href
  const guesses = [
    ...page.feedLike.map((href) => absolute(href, base)),
    ...[folder, root].flatMap((place) => usual.map((name) => absolute(name, place))),
  ]
  const candidates = new Set(guesses.filter((guess) => guess !== undefined && !named.has(guess) && guess !== url))
  return { feeds, candidates: [...candidates] as string[] }
}
