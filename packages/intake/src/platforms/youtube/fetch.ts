import { HtmlLimitError } from '../../archive/text/html.ts'
import type { Article } from '../../article.ts'
import type { Round, RoundOptions, Target, Tools } from '../platform.ts'
import { memoryOf, paceOf, roundOf, roundWithout } from '../rounds.ts'
import { fetchFeed } from '../rss/fetch.ts'
import { articleOfVideo, withVideoAddresses } from './normalise.ts'
import { feedOf } from './plan.ts'

/** Feeds and oEmbed are made for readers and asked for by a person: robots.txt is about crawlers of the site. */
const published = { robots: 'ignore' } as const

/** The newest videos of a channel or a playlist, with their descriptions; one video, with the transcript that is handed over. */
export async function fetch(target: Target, tools: Tools, options: RoundOptions): Promise<Round> {
  if (target.kind === 'video') return fetchVideo(target, tools, options)
  const knownFeed = options.memory.feedUrl ?? (target.kind === 'handle' ? undefined : target.url)
  if (knownFeed !== undefined) return fetchVideos(knownFeed, tools, options)
  const fetched = await tools.visit(target.url, {
    cut: true,
    maxBytes: 2_000_000,
    headers: { 'accept-language': 'en' },
  })
  if (fetched.outcome !== 'ok') return roundWithout(fetched, options.memory)
  const page = new TextDecoder().decode(fetched.body)
  const id =
    /"(?:externalId|channelId|browseId)":"(UC[\w-]{22})"|channel_id=(UC[\w-]{22})|\/channel\/(UC[\w-]{22})"/.exec(page)
  const found = id?.[1] ?? id?.[2] ?? id?.[3]
  if (found === undefined) {
    const isConsent = /consent\.youtube|consent\.google|before you continue/i.test(
      `${fetched.url} ${page.slice(0, 20_000)}`,
    )
    return isConsent
      ? roundOf('blocked', 'YouTube shows a consent page instead of the channel: give the channel’s id (UC…).', fetched)
      : roundOf('failed', 'The page names no channel: give the channel’s id (UC…).', fetched)
  }
  const feedUrl = feedOf('channel_id', found)
  return fetchVideos(feedUrl, tools, { ...options, memory: { feedUrl } })
}

async function fetchVideos(url: string, tools: Tools, options: RoundOptions): Promise<Round> {
  const round = await fetchFeed(
    url,
    { ...tools, visit: (asked, request) => tools.visit(asked, { ...request, ...published }) },
    { ...options, isGuess: true, pages: 0 },
  )
  // It has been 404 and 500 for days, for channels that were there all the time.
  if (round.outcome === 'gone') {
    return {
      ...round,
      outcome: 'failed',
      message: 'YouTube gives no feed for this today, as it does at times; or there is no such channel.',
    }
  }
  return { ...round, articles: round.articles.map(withVideoAddresses) }
}

async function fetchVideo({ url }: Target, tools: Tools, { html, memory }: RoundOptions): Promise<Round> {
  const asked = `https://www.youtube.com/oembed?format=json&url=${encodeURIComponent(url)}`
  const fetched = await tools.visit(asked, { ...published, etag: memory.etag })
  if (fetched.outcome !== 'ok') return roundWithout(fetched, memory)
  let article: Article | undefined
  try {
    article = articleOfVideo(url, new TextDecoder().decode(fetched.body), html)
  } catch (error) {
    if (error instanceof HtmlLimitError) return roundOf('failed', `The transcript ${error.message}.`, fetched)
    throw error
  }
  if (article === undefined) return roundOf('failed', 'YouTube’s answer cannot be read.', fetched)
  return {
    outcome: 'ok',
    message: html === undefined ? `${article.title}, without its transcript: hand that over as html.` : article.title,
    articles: [article],
    memory: memoryOf(fetched),
    pace: paceOf(fetched),
    title: article.title,
  }
}
