import { parseJson } from '../parse-json.ts'
import type { Round, RoundOptions, Target, Tools } from '../platform.ts'
import { paceOf, roundOf, roundWithout } from '../rounds.ts'
import { fetchFeed } from '../rss/fetch.ts'
import { articlesOfListing, withoutFrame } from './normalise.ts'

/** Strangers get about one answer a minute, and a 403 where they ask more often. */
const slowDownMs = 15 * 60_000
/** Feeds are made for readers and asked for by a person; the API has its own contract. */
const published = { robots: 'ignore' } as const

/** The newest posts: by the API where the operator has a client there, else by the feed, without scores. */
export async function fetch(target: Target, tools: Tools, options: RoundOptions): Promise<Round> {
  const { reddit } = tools.credentials
  return reddit === undefined ? fetchAsStranger(target, tools, options) : fetchByApi(target, tools, options, reddit)
}

async function fetchAsStranger({ url }: Target, tools: Tools, options: RoundOptions): Promise<Round> {
  const round = await fetchFeed(
    `${url}.rss`,
    { ...tools, visit: (asked, request) => tools.visit(asked, { ...request, ...published }) },
    { ...options, isGuess: true, pages: 0 },
  )
  if (round.outcome !== 'blocked') return { ...round, articles: round.articles.map(withoutFrame), feedUrl: undefined }
  const { retryAfterMs = slowDownMs } = round.pace
  return {
    ...round,
    message:
      'Reddit asks strangers to slow down (403): it is asked again later. With REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET it answers more often.',
    pace: { ...round.pace, retryAfterMs: Math.max(slowDownMs, retryAfterMs) },
  }
}

async function fetchByApi(
  { url }: Target,
  tools: Tools,
  { limit, memory }: RoundOptions,
  { clientId, clientSecret }: NonNullable<Tools['credentials']['reddit']>,
): Promise<Round> {
  const granted = await tools.visit('https://www.reddit.com/api/v1/access_token', {
    ...published,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  if (granted.outcome !== 'ok') {
    if (granted.outcome === 'blocked')
      return roundOf('blocked', 'Reddit refuses REDDIT_CLIENT_ID with REDDIT_CLIENT_SECRET.', granted)
    return roundWithout(granted, memory)
  }
  const { access_token: token } = (parseJson(granted.body) ?? {}) as { access_token?: unknown }
  if (typeof token !== 'string') return roundOf('failed', 'Reddit’s answer has no token.', granted)
  const path = new URL(url).pathname
  const asked = `https://oauth.reddit.com${path.startsWith('/user/') ? `${path}submitted` : path.includes('/comments/') ? path : `${path}new`}?limit=${Math.min(100, limit)}&raw_json=1`
  const fetched = await tools.visit(asked, { ...published, headers: { authorization: `Bearer ${token}` } })
  if (fetched.outcome !== 'ok') return roundWithout(fetched, memory)
  const articles = articlesOfListing(parseJson(fetched.body)).slice(0, limit)
  return {
    outcome: articles.length > 0 ? 'ok' : 'empty',
    message: `${articles.length} posts.`,
    articles,
    memory,
    pace: paceOf(fetched),
  }
}
