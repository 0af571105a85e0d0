import type { FeedLink } from '../../page/survey.ts'
import type { Memory, Round, RoundOptions, Target, Tools } from '../platform.ts'
import { isSame, memoryOf, paceOf, rhythmOf, roundOf, roundWithout } from '../rounds.ts'
import { normalise } from './normalise.ts'
import { withOrigins } from './with-origins.ts'

const accept =
  'application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/html;q=0.5, */*;q=0.1'
/** Entries whose page is asked for in one round: at a request a second, the others wait for the next one. */
const mostPages = 20

/** A feed's newest posts. Where it has the beginnings only, the pages of those that are new are asked for the whole. */
export async function fetch(target: Target, tools: Tools, options: RoundOptions): Promise<Round> {
  return fetchFeed(options.memory.feedUrl ?? target.url, tools, options)
}

export interface FeedOptions extends RoundOptions {
  /** Whether the address may be none of a feed: then no other one is looked for. */
  readonly isGuess?: boolean
  /** Most pages of entries that are asked for the whole text. 0 where the feed is asked for by other rules than its pages are. */
  readonly pages?: number
}

export async function fetchFeed(url: string, tools: Tools, options: FeedOptions): Promise<Round> {
  const { memory, limit, isGuess = false, pages = mostPages } = options
  const { etag, lastModified } = memory
  const fetched = await tools.visit(url, { etag, lastModified, headers: { accept } })
  if (fetched.outcome !== 'ok') return roundWithout(fetched, memory)
  if (isSame(fetched.body, memory)) {
    return {
      ...roundOf('unchanged', 'Nothing has changed since the last look.', fetched, memory),
      movedTo: fetched.movedTo,
    }
  }
  const read = await tools.readers.readFeed({ bytes: fetched.body, contentType: fetched.contentType, url: fetched.url })
  if (!('entries' in read)) {
    const next = isGuess ? undefined : bestFeed(read.feeds)
    if (next !== undefined) return fetchFeed(next, tools, { ...options, memory: { feedUrl: next }, isGuess: true })
    return roundOf(read.outcome, sentence(read.reason), fetched, memory)
  }
  const { feed, entries } = read
  const wanted = entries.slice(0, limit)
  const articles = await normalise(withOrigins(wanted, fetched), feed, tools, pages)
  return {
    outcome: read.outcome,
    message: `${count(articles.length, 'post')} of ${feed.title ?? url}.`,
    articles,
    memory: { ...memoryOf(fetched), ...(memory.feedUrl !== undefined && { feedUrl: memory.feedUrl }) } satisfies Memory,
    pace: { ...paceOf(fetched), ttlMs: feed.ttlMs, rhythmMs: rhythmOf(entries.map((entry) => entry.publishedAt)) },
    movedTo: fetched.movedTo,
    title: feed.title,
    siteUrl: feed.siteUrl,
    // Not where a redirect leads for now: that address may be gone by the next look.
    feedUrl: fetched.movedTo ?? url,
  }
}

/** Of several feeds of a page the site's own: comments and the like are named so. */
export function bestFeed(feeds: readonly FeedLink[]): string | undefined {
  const own = feeds.filter(({ url, title = '' }) => !/comment|kommentar|reply/i.test(`${url} ${title}`))
  return (own[0] ?? feeds[0])?.url
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

export function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}
