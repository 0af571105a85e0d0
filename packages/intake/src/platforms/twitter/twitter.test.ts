import { expect, onTestFinished, test } from 'vitest'
import { createFakeTools, type Recorded } from '../testing/fake-tools.ts'
import { twitter } from './index.ts'

const options = { limit: 20, memory: {} }
const oembedUrl = 'https://publish.twitter.com/oembed'
const json = (value: unknown): Recorded => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
})

async function look(target: string, answers: Record<string, Recorded>, credentials = {}, memory = {}) {
  const tools = createFakeTools(answers, { credentials })
  onTestFinished(() => tools.close())
  return { round: await twitter.fetch(twitter.plan(target), tools, { ...options, memory }), asked: tools.asked }
}

test('a post comes by oEmbed: its text with its lines, its author, its day, and both of its addresses', async () => {
  const { round, asked } = await look('https://x.com/ada/status/1234567890?s=20', {
    [oembedUrl]: json({
      url: 'https://twitter.com/ada/status/1234567890',
      author_name: 'Ada L',
      author_url: 'https://twitter.com/ada',
      html: '<blockquote class="twitter-tweet" data-dnt="true"><p lang="en" dir="ltr">Tides &amp; gulls<br>come back <a href="https://t.co/x">https://t.co/x</a></p>&mdash; Ada L (@ada) <a href="https://twitter.com/ada/status/1234567890">January 2, 2026</a></blockquote>\n',
      type: 'rich',
    }),
  })
  expect(round).toMatchObject({ outcome: 'ok' })
  expect(round.articles).toMatchObject([
    {
      url: 'https://twitter.com/ada/status/1234567890',
      title: 'Tides & gulls',
      body: 'Tides & gulls\ncome back https://t.co/x',
      author: { username: 'ada', displayName: 'Ada L' },
      publishedAt: new Date('2026-01-02T00:00:00Z'),
      aliases: ['https://x.com/ada/status/1234567890'],
    },
  ])
  expect(asked).toMatchObject([{ request: { robots: 'ignore' } }])
})

test.each([
  ['deleted', { status: 404 }, 'gone'],
  ['protected', { status: 403 }, 'blocked'],
  ['not what oEmbed answers', { body: '<html>Something went wrong</html>' }, 'failed'],
])('a post that is %s is said to be that', async (_, answer, outcome) => {
  const { round } = await look('x.com/ada/status/1', { [oembedUrl]: answer })
  expect(round).toMatchObject({ outcome, articles: [] })
})

test('a profile is shown to no stranger: nothing is asked, and what helps is named', async () => {
  const { round, asked } = await look('@ada', {})
  expect(round).toMatchObject({ outcome: 'blocked', message: expect.stringMatching(/archive.*TWITTER_BEARER_TOKEN/) })
  expect(asked).toEqual([])
})

const credentials = { twitterBearerToken: 'AAAA' }
const userUrl = 'https://api.twitter.com/2/users/by/username/Ada'
const tweetsUrl = 'https://api.twitter.com/2/users/42/tweets'
const timeline = json({
  data: [
    {
      id: '9',
      text: 'A long one, cut …',
      note_tweet: { text: 'A long one, cut by nobody.' },
      created_at: '2026-01-02T10:00:00.000Z',
      lang: 'en',
      public_metrics: { like_count: 3, retweet_count: 2, reply_count: 1, quote_count: 0 },
    },
    { id: '8', text: 'Short &amp; plain', created_at: '2026-01-01T10:00:00.000Z', lang: 'en' },
  ],
  meta: { result_count: 2 },
})

test('with a bearer token a profile brings its posts, long ones whole; its number is asked for once', async () => {
  const answers = { [userUrl]: json({ data: { id: '42', name: 'Ada L', username: 'Ada' } }), [tweetsUrl]: timeline }
  const { round, asked } = await look('@Ada', answers, credentials)
  expect(round).toMatchObject({ outcome: 'ok', title: '@Ada', memory: { userId: '42' } })
  expect(round.articles).toMatchObject([
    {
      url: 'https://twitter.com/Ada/status/9',
      body: 'A long one, cut by nobody.',
      metrics: { likes: 3, reposts: 2, replies: 1 },
      language: 'en',
    },
    { body: 'Short & plain', publishedAt: new Date('2026-01-01T10:00:00Z') },
  ])
  for (const { request } of asked) expect(request.headers).toEqual({ authorization: 'Bearer AAAA' })
  const next = await look('@Ada', answers, credentials, round.memory)
  expect(next.asked.map(({ url }) => url.split('?')[0])).toEqual([tweetsUrl])
})

test.each([
  ['a name that X does not know', { [userUrl]: json({ errors: [{ title: 'Not Found Error' }] }) }, 'gone'],
  ['a token that is refused', { [userUrl]: { status: 401 } }, 'blocked'],
  [
    'a month’s quota that is used up',
    { [userUrl]: json({ data: { id: '42' } }), [tweetsUrl]: { status: 429, headers: { 'retry-after': '900' } } },
    'blocked',
  ],
  [
    'a profile without posts',
    { [userUrl]: json({ data: { id: '42' } }), [tweetsUrl]: json({ meta: { result_count: 0 } }) },
    'empty',
  ],
])('%s is told apart', async (_, answers, outcome) => {
  const { round } = await look('@Ada', answers, credentials)
  expect(round).toMatchObject({ outcome, articles: [] })
})
