import { expect, test } from 'vitest'
import { readFiles } from '../testing/read-files.ts'

const script = (name: string, entries: unknown) => `window.YTD.${name} = ${JSON.stringify(entries, null, 2)}`
const account = script('account.part0', [
  { account: { email: 'ines@example.org', username: 'ines_moor', accountDisplayName: 'Ines M.' } },
])
const tweet = (id: string, text: string, more: object = {}) => ({
  tweet: { id_str: id, full_text: text, created_at: 'Sat Mar 01 08:30:00 +0000 2025', favorite_count: '2', ...more },
})

test('posts come as they are read: addresses for short links, characters for entities, pictures without their link', async () => {
  const entities = {
    hashtags: [{ text: 'peat' }],
    urls: [{ url: 'https://t.co/a', expanded_url: 'https://moor.example.org/?a=1&lt=2' }],
    media: [{ url: 'https://t.co/b', media_url_https: 'https://pbs.example.org/b.jpg' }],
  }
  const { items, problems } = await readFiles({
    'data/account.js': account,
    'data/tweets.js': script('tweets.part0', [
      tweet('7', 'Peat &amp; moss &lt;3 https://t.co/a https://t.co/b', { entities, lang: 'en' }),
    ]),
  })
  expect(problems).toEqual([])
  expect(items).toEqual([
    {
      id: '7',
      kind: 'post',
      platform: 'twitter',
      url: 'https://x.com/ines_moor/status/7',
      title: '',
      body: 'Peat & moss <3 https://moor.example.org/?a=1&lt=2',
      author: { username: 'ines_moor', displayName: 'Ines M.' },
      publishedAt: new Date('2025-03-01T08:30:00Z'),
      language: 'en',
      tags: ['peat'],
      metrics: { likes: 2 },
    },
  ])
})

test('reposts, deleted posts, circles and messages never come out; a thread is marked, a second part is read', async () => {
  const { items, skipped, events } = await readFiles({
    'data/account.js': account,
    'data/tweets.js': script('tweets.part0', [
      tweet('1', 'First'),
      tweet('2', 'RT @else: not mine'),
      tweet('3', 'Second', { in_reply_to_status_id_str: '1', in_reply_to_screen_name: 'ines_moor' }),
      tweet('4', '@tom yes', { in_reply_to_status_id_str: '99', in_reply_to_screen_name: 'tom' }),
    ]),
    'data/tweets-part1.js': script('tweets.part1', [tweet('5', 'Later'), tweet('1', 'First')]),
    'data/deleted-tweets.js': script('deleted_tweets.part0', [tweet('6', 'SECRET-DELETED')]),
    'data/direct-messages.js': script('direct_messages.part0', [{ text: 'SECRET-MESSAGE' }]),
    'data/twitter-circle-tweet.js': script('twitter_circle_tweet.part0', [tweet('8', 'SECRET-CIRCLE')]),
    'data/like.js': script('like.part0', [{ like: { tweetId: '9', fullText: 'SECRET-LIKE' } }]),
    'data/notes.txt': 'SECRET-OTHER',
  })
  expect(items.map(({ id, kind, replyTo, inThread }) => [id, kind, replyTo, inThread])).toEqual([
    ['5', 'post', undefined, undefined],
    ['1', 'post', undefined, undefined],
    ['3', 'reply', '1', true],
    ['4', 'reply', '99', undefined],
  ])
  expect(skipped).toEqual(expect.arrayContaining(['repost 2', 'duplicate 1', 'deleted data/deleted-tweets.js']))
  expect(JSON.stringify(events)).not.toMatch(/SECRET|ines@example/)
})

test('the whole text of a long post stands in its note', async () => {
  const long = `How to read a peat core. ${'Each layer is a year. '.repeat(20)}`.trim()
  const { items } = await readFiles({
    'data/account.js': account,
    'data/tweets.js': script('tweets.part0', [tweet('1', `${long.slice(0, 270)}…`)]),
    'data/note-tweet.js': script('note_tweet.part0', [
      { noteTweet: { noteTweetId: 'n1', createdAt: '2025-03-01T08:30:00.000Z', core: { text: long } } },
      { noteTweet: { noteTweetId: 'n2', createdAt: '2025-03-02T08:30:00.000Z', core: { text: 'Alone.' } } },
    ]),
  })
  expect(items.map(({ id, body }) => [id, body])).toEqual([
    ['1', long],
    ['n2', 'Alone.'],
  ])
})

test('of an edited post only the last version comes', async () => {
  const edit_info = { initial: { editTweetIds: ['1', '2'] } }
  const { items, skipped } = await readFiles({
    'tweets.js': script('tweets.part0', [tweet('1', 'Pete', { edit_info }), tweet('2', 'Peat', { edit_info })]),
  })
  expect(items.map(({ body }) => body)).toEqual(['Peat'])
  expect(skipped).toEqual(['older-version 1'])
})

test('posts without a readable account come under their ids, and that is said', async () => {
  const { items, problems } = await readFiles({
    'account.js': 'window.YT',
    'tweets.js': script('tweets.part0', [tweet('1', 'One')]),
    'tweets-part1.js': script('tweets.part1', [tweet('2', 'Two')]),
  })
  expect(items.map(({ url }) => url)).toEqual(['https://x.com/i/status/2', 'https://x.com/i/status/1'])
  expect(problems).toEqual(['missing-file tweets-part1.js'])
})

test('the layout of 2013 is read', async () => {
  const { items } = await readFiles({
    'data/js/tweets/2013_01.js': `Grailbird.data.tweets_2013_01 =\n${JSON.stringify([
      {
        id_str: '1',
        text: 'Early',
        created_at: '2013-01-02 03:04:05 +0000',
        user: { screen_name: 'ines_moor', name: 'Ines' },
      },
    ])}`,
  })
  expect(items).toMatchObject([
    { url: 'https://x.com/ines_moor/status/1', publishedAt: new Date('2013-01-02T03:04:05Z') },
  ])
})

test('a script that breaks off gives the whole posts, and says so', async () => {
  const whole = script('tweets.part0', [tweet('1', 'One'), tweet('2', 'Two'), tweet('3', 'Three')])
  const { items, problems } = await readFiles({
    'data/account.js': account,
    'data/tweets.js': whole.slice(0, whole.indexOf('Three') + 2),
  })
  expect(items.map(({ id }) => id)).toEqual(['1', '2'])
  expect(problems).toEqual(['cut data/tweets.js'])
})
