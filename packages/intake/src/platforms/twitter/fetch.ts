import type { Round, RoundOptions, Target, Tools } from '../platform.ts'
import { memoryOf, paceOf, rhythmOf, roundOf, roundWithout } from '../rounds.ts'
import { articleOfEmbed, articlesOfTimeline, userIdOf } from './normalise.ts'

/** oEmbed and the API are made for programs, with rules of their own. */
const published = { robots: 'ignore' } as const
const api = 'https://api.twitter.com/2'

/** One post by oEmbed; a profile's posts by the API, where the operator has a token. */
export async function fetch(target: Target, tools: Tools, options: RoundOptions): Promise<Round> {
  const { twitterBearerToken: token } = tools.credentials
  if (target.kind === 'post') return fetchPost(target, tools, options)
  if (token === undefined) {
    const message = 'X shows no profile to strangers: import the author’s own archive, or set TWITTER_BEARER_TOKEN.'
    return roundOf('blocked', message, undefined, options.memory)
  }
  return fetchProfile(target, tools, options, token)
}

async function fetchPost({ url }: Target, tools: Tools, { memory }: RoundOptions): Promise<Round> {
  const asked = `https://publish.twitter.com/oembed?omit_script=1&dnt=true&url=${encodeURIComponent(url)}`
  const fetched = await tools.visit(asked, published)
  if (fetched.outcome !== 'ok') return roundWithout(fetched, memory)
  const article = articleOfEmbed(url, fetched.body)
  if (article === undefined) return roundOf('failed', 'The answer of X cannot be read.', fetched)
  return {
    outcome: 'ok',
    message: article.title,
    articles: [article],
    memory: memoryOf(fetched),
    pace: paceOf(fetched),
  }
}

async function fetchProfile(
  { label, url }: Target,
  tools: Tools,
  { limit, memory }: RoundOptions,
  token: string,
): Promise<Round> {
  const name = label.slice(1)
  const asked = { ...published, headers: { authorization: `Bearer ${token}` } }
  let { userId } = memory
  if (userId === undefined) {
    const user = await tools.visit(`${api}/users/by/username/${name}`, asked)
    if (user.outcome !== 'ok') return roundWithout(user, memory)
    userId = userIdOf(user.body)
    if (userId === undefined) return roundOf('gone', `X knows no @${name}.`, user, memory)
  }
  const query = `max_results=${Math.min(100, Math.max(5, limit))}&exclude=retweets&tweet.fields=created_at,public_metrics,note_tweet,lang`
  const fetched = await tools.visit(`${api}/users/${userId}/tweets?${query}`, asked)
  if (fetched.outcome !== 'ok') return roundWithout(fetched, memory)
  const articles = articlesOfTimeline(fetched.body, name).slice(0, limit)
  return {
    outcome: articles.length > 0 ? 'ok' : 'empty',
    message: `${articles.length} posts of @${name}.`,
    articles,
    memory: { userId },
    pace: { ...paceOf(fetched), rhythmMs: rhythmOf(articles.map(({ publishedAt }) => publishedAt)) },
    title: `@${name}`,
    siteUrl: url,
  }
}
