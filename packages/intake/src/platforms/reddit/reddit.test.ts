import { expect, onTestFinished, test } from 'vitest'
import { createFakeTools, type Recorded } from '../testing/fake-tools.ts'
import { reddit } from './index.ts'

const feed: Recorded = {
  headers: { 'content-type': 'application/atom+xml; charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
 <category term="rust" label="r/rust"/><updated>2026-01-02T10:00:00+00:00</updated><id>/r/rust/.rss</id>
 <link rel="self" href="https://www.reddit.com/r/rust/.rss" type="application/atom+xml" />
 <title>The Rust Programming Language</title>
 <entry>
  <author><name>/u/ferris</name><uri>https://www.reddit.com/user/ferris</uri></author><category term="rust" label="r/rust"/>
  <content type="html">&lt;!-- SC_OFF --&gt;&lt;div class=&quot;md&quot;&gt;&lt;p&gt;I wrote a parser for tide tables, and it is fast.&lt;/p&gt;&lt;/div&gt;&lt;!-- SC_ON --&gt; &amp;#32; submitted by &amp;#32; &lt;a href=&quot;https://www.reddit.com/user/ferris&quot;&gt; /u/ferris &lt;/a&gt; &lt;br/&gt; &lt;span&gt;&lt;a href=&quot;https://www.reddit.com/r/rust/comments/1abc2d/a_parser/&quot;&gt;[link]&lt;/a&gt;&lt;/span&gt; &amp;#32; &lt;span&gt;&lt;a href=&quot;https://www.reddit.com/r/rust/comments/1abc2d/a_parser/&quot;&gt;[comments]&lt;/a&gt;&lt;/span&gt;</content>
  <id>t3_1abc2d</id><link href="https://www.reddit.com/r/rust/comments/1abc2d/a_parser/" />
  <updated>2026-01-02T10:00:00+00:00</updated><published>2026-01-02T10:00:00+00:00</published>
  <title>A parser for tide tables</title>
 </entry>
</feed>`,
}
const feedUrl = 'https://www.reddit.com/r/rust/.rss'
const options = { limit: 20, memory: {} }

async function look(target: string, answers: Record<string, Recorded>, credentials = {}) {
  const tools = createFakeTools(answers, { credentials })
  onTestFinished(() => tools.close())
  return { round: await reddit.fetch(reddit.plan(target), tools, options), asked: tools.asked }
}

test('a subreddit’s feed brings its posts without the frame that Reddit puts around each', async () => {
  const { round, asked } = await look('r/rust', { [feedUrl]: feed })
  expect(round).toMatchObject({ outcome: 'ok', title: 'The Rust Programming Language' })
  expect(round.articles).toMatchObject([
    {
      url: 'https://www.reddit.com/r/rust/comments/1abc2d/a_parser/',
      title: 'A parser for tide tables',
      body: 'I wrote a parser for tide tables, and it is fast.',
      author: { username: 'ferris' },
    },
  ])
  expect(asked).toMatchObject([{ url: feedUrl, request: { robots: 'ignore' } }])
})

test.each([
  ['403', 403, {}, 900_000],
  ['429 with a short Retry-After', 429, { 'retry-after': '60' }, 900_000],
  ['429 with a long Retry-After', 429, { 'retry-after': '7200' }, 7_200_000],
])('%s means slow down: it is said so, with a pause', async (_, status, headers, retryAfterMs) => {
  const { round } = await look('r/rust', { [feedUrl]: { status, headers } })
  expect(round).toMatchObject({
    outcome: 'blocked',
    articles: [],
    pace: { retryAfterMs },
    message: expect.stringMatching(/slow down.*REDDIT_CLIENT_ID/),
  })
})

test('a subreddit that is not there is gone', async () => {
  expect((await look('r/rust', {})).round.outcome).toBe('gone')
})

const credentials = { reddit: { clientId: 'id', clientSecret: 'secret' } }
const tokenUrl = 'https://www.reddit.com/api/v1/access_token'
const granted: Recorded = { body: JSON.stringify({ access_token: 'token', token_type: 'bearer', expires_in: 86400 }) }
const post = (id: string, more = {}) => ({
  kind: 't3',
  data: {
    id,
    title: 'A parser',
    selftext: 'It is **fast**.',
    author: 'ferris',
    permalink: `/r/rust/comments/${id}/a_parser/`,
    created_utc: 1_767_348_000,
    score: 42,
    num_comments: 7,
    url: `https://www.reddit.com/r/rust/comments/${id}/a_parser/`,
    ...more,
  },
})

test('with a client of the operator’s own, posts come with their scores, by a token that is asked for with its secret', async () => {
  const { round, asked } = await look(
    'r/rust',
    {
      [tokenUrl]: granted,
      'https://oauth.reddit.com/r/rust/new': {
        body: JSON.stringify({
          kind: 'Listing',
          data: { children: [post('1abc2d'), post('2', { author: '[deleted]' }), { kind: 'more', data: {} }] },
        }),
      },
    },
    credentials,
  )
  expect(round).toMatchObject({ outcome: 'ok' })
  expect(round.articles).toMatchObject([
    {
      url: 'https://www.reddit.com/r/rust/comments/1abc2d/a_parser/',
      body: 'It is **fast**.',
      metrics: { score: 42, comments: 7 },
    },
  ])
  expect(asked[0]).toMatchObject({
    url: tokenUrl,
    request: { method: 'POST', headers: { authorization: `Basic ${btoa('id:secret')}` } },
  })
  expect(asked[1]).toMatchObject({ request: { headers: { authorization: 'Bearer token' } } })
})

test.each([
  ['a refusal', { status: 401 }, 'blocked', /REDDIT_CLIENT_ID/],
  ['no token', { body: '{"error":"unsupported_grant_type"}' }, 'failed', /no token/],
  ['no JSON', { body: '<html>' }, 'failed', /no token/],
])('a client that gets %s brings nothing, and is named', async (_, answer, outcome, message) => {
  const { round } = await look('r/rust', { [tokenUrl]: answer }, credentials)
  expect(round).toMatchObject({ outcome, articles: [], message: expect.stringMatching(message) })
})

test('one post is asked for with its comments’ listing, of which the post alone is taken', async () => {
  const { round } = await look(
    'https://old.reddit.com/r/rust/comments/1abc2d/a_parser/',
    {
      [tokenUrl]: granted,
      'https://oauth.reddit.com/r/rust/comments/1abc2d/': {
        body: JSON.stringify([
          { data: { children: [post('1abc2d')] } },
          { data: { children: [{ kind: 't1', data: {} }] } },
        ]),
      },
    },
    credentials,
  )
  expect(round.articles).toHaveLength(1)
})
