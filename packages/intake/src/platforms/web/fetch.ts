import type { Article } from '../../article.ts'
import type { Taken } from '../../fetch/fetched.ts'
import type { PageResult } from '../../page/read-page.ts'
import type { Round, RoundOptions, Target, Tools } from '../platform.ts'
import { isSame, memoryOf, paceOf, roundOf, roundWithout } from '../rounds.ts'
import { bestFeed, count, fetchFeed, sentence } from '../rss/fetch.ts'
import { normalise } from './normalise.ts'

/** Addresses at which a site without a named feed is asked for one. */
const mostGuesses = 4
/** Pages of a site's map that are asked for in one round. */
const mostPages = 30

/** A page's article; of a site the posts of its feed, else those of its map, else its first page. */
export async function fetch(target: Target, tools: Tools, options: RoundOptions): Promise<Round> {
  const { html, memory } = options
  if (html !== undefined) return readHandedOver(target.url, html, tools)
  if (memory.feedUrl !== undefined) return fetchFeed(memory.feedUrl, tools, options)
  if (target.kind === 'sitemap') return fetchSitemap(target.url, tools, options)
  const { etag, lastModified } = memory
  const fetched = await tools.visit(target.url, { etag, lastModified })
  if (fetched.outcome !== 'ok') return roundWithout(fetched, memory)
  if (isSame(fetched.body, memory)) {
    return roundOf('unchanged', 'Nothing has changed since the last look.', fetched, memory)
  }
  const page = await tools.readers.readPage({ bytes: fetched.body, contentType: fetched.contentType, url: fetched.url })
  if (page.outcome === 'failed' && /xml|json/.test(fetched.contentType ?? ''))
    return fetchFeed(target.url, tools, options)
  if (target.kind === 'site') return fetchSite(fetched, page, tools, options)
  return roundOfPage(page, fetched)
}

async function readHandedOver(url: string, html: string, tools: Tools): Promise<Round> {
  const page = await tools.readers.readPage({ html, url })
  if (page.outcome !== 'ok') return roundOf(page.outcome, sentence(page.reason))
  return {
    outcome: 'ok',
    message: page.article.title,
    articles: [normalise(page)],
    memory: {},
    pace: {},
    feedUrl: bestFeed(page.feeds),
  }
}

function roundOfPage(page: PageResult, fetched: Taken): Round {
  const feedUrl = bestFeed(page.feeds)
  if (page.outcome !== 'ok') return { ...roundOf(page.outcome, sentence(page.reason), fetched), feedUrl }
  return {
    outcome: 'ok',
    message: page.article.title,
    articles: [normalise(page, fetched)],
    memory: memoryOf(fetched),
    pace: paceOf(fetched),
    movedTo: fetched.movedTo,
    title: page.siteName ?? page.article.title,
    siteUrl: page.canonicalUrl,
    feedUrl,
  }
}

async function fetchSite(fetched: Taken, page: PageResult, tools: Tools, options: RoundOptions): Promise<Round> {
  const named = bestFeed(page.feeds)
  const guesses = named === undefined ? await guessFeeds(fetched, tools) : [named]
  for (const feedUrl of guesses) {
    const round = await fetchFeed(feedUrl, tools, { ...options, memory: { feedUrl }, isGuess: true })
    if (round.outcome === 'ok') return { ...round, siteUrl: round.siteUrl ?? fetched.url }
  }
  const map = await fetchSitemap(new URL('/sitemap.xml', fetched.url).href, tools, options)
  if (map.articles.length > 0) return map
  return roundOfPage(page, fetched)
}

async function guessFeeds(fetched: Taken, tools: Tools): Promise<string[]> {
  const { feeds, candidates } = await tools.readers.discoverFeeds(new TextDecoder().decode(fetched.body), fetched.url)
  return [...feeds.map(({ url }) => url), ...candidates].slice(0, mostGuesses)
}

async function fetchSitemap(url: string, tools: Tools, options: RoundOptions): Promise<Round> {
  const fetched = await tools.visit(url)
  if (fetched.outcome !== 'ok') return roundWithout(fetched, {})
  let map = await tools.readers.readSitemap(fetched.body)
  if (map.outcome === 'ok' && map.pages.length === 0 && map.maps[0] !== undefined) {
    const inner = await tools.visit(map.maps[0].url)
    if (inner.outcome !== 'ok') return roundOf('failed', `${map.maps[0].url}, which it names, did not come.`, fetched)
    map = await tools.readers.readSitemap(inner.body)
  }
  if (map.outcome !== 'ok') return roundOf(map.outcome, sentence(map.reason), fetched)
  const { pages } = map
  const known = await tools.known(pages.slice(0, 10 * options.limit).map((page) => page.url))
  const wanted = pages.filter((page) => !known.has(page.url)).slice(0, Math.min(options.limit, mostPages))
  const articles: Article[] = []
  for (const each of wanted) {
    const taken = await tools.visit(each.url)
    if (taken.outcome !== 'ok') continue
    const page = await tools.readers.readPage({ bytes: taken.body, contentType: taken.contentType, url: taken.url })
    if (page.outcome === 'ok') articles.push(normalise(page, taken, each.changedAt))
  }
  const isNew = articles.length > 0
  return {
    outcome: isNew ? 'ok' : wanted.length === 0 && pages.length > 0 ? 'unchanged' : 'empty',
    message: `${count(articles.length, 'new page')} of ${pages.length} in the sitemap.`,
    articles,
    memory: {},
    pace: paceOf(fetched),
  }
}
