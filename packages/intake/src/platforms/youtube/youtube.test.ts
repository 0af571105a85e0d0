import { expect, onTestFinished, test } from 'vitest'
import { createFakeTools, type Recorded } from '../testing/fake-tools.ts'
import { youtube } from './index.ts'
import { transcriptText } from './transcript.ts'

const channelId = 'UCBR8-60-B28hp2BmDPdntcQ'
const feedUrl = `https://www.youtube.com/feeds/videos.xml?channel_id=${channelId}`

const entry = (id: string, title: string, description: string) => `
 <entry>
  <id>yt:video:${id}</id><yt:videoId>${id}</yt:videoId><yt:channelId>${channelId}</yt:channelId>
  <title>${title}</title>
  <link rel="alternate" href="https://www.youtube.com/watch?v=${id}"/>
  <author><name>Spotlight</name><uri>https://www.youtube.com/channel/${channelId}</uri></author>
  <published>2026-01-0${(id.length % 9) + 1}T15:00:00+00:00</published><updated>2026-01-09T15:00:00+00:00</updated>
  <media:group><media:title>${title}</media:title>
   <media:description>${description}</media:description>
   <media:community><media:starRating count="12" average="5.00" min="1" max="5"/><media:statistics views="3456"/></media:community>
  </media:group>
 </entry>`
const feed: Recorded = {
  headers: { 'content-type': 'text/xml; charset=UTF-8', etag: '"a"' },
  body: `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
 <link rel="self" href="${feedUrl}"/><id>yt:channel:${channelId}</id><yt:channelId>${channelId}</yt:channelId>
 <title>Spotlight</title><link rel="alternate" href="https://www.youtube.com/channel/${channelId}"/>
 <author><name>Spotlight</name></author><published>2005-09-01T00:00:00+00:00</published>
 ${entry('dQw4w9WgXcQ', 'How tides work', 'The moon raises the tides. Chapters: 0:00 the moon, 3:10 the sun.')}
 ${entry('aaaaaaaaaaa', 'A short one', 'Gulls on the pier.')}
</feed>`,
}
const page = (body: string): Recorded => ({ body: `<!DOCTYPE html><html><head></head><body>${body}</body></html>` })

const options = { limit: 20, memory: {} }

async function look(target: string, answers: Record<string, Recorded>, given = {}) {
  const tools = createFakeTools(answers)
  onTestFinished(() => tools.close())
  const round = await youtube.fetch(youtube.plan(target), tools, { ...options, ...given })
  return { round, asked: tools.asked }
}

test('a channel brings its videos with their descriptions, each under all of its addresses, without asking robots.txt for a feed', async () => {
  const { round, asked } = await look(channelId, { [feedUrl]: feed })
  expect(round).toMatchObject({ outcome: 'ok', title: 'Spotlight', memory: { etag: '"a"' } })
  expect(round.articles).toHaveLength(2)
  expect(round.articles[0]).toMatchObject({
    url: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
    title: 'How tides work',
    body: expect.stringContaining('The moon raises the tides.'),
    aliases: ['https://youtu.be/dQw4w9WgXcQ', 'https://www.youtube.com/shorts/dQw4w9WgXcQ'],
    kind: 'video',
  })
  expect(asked).toEqual([{ url: feedUrl, request: expect.objectContaining({ robots: 'ignore' }) }])
})

test('a handle is asked for its channel once, as a page that robots.txt is about; the next look goes to the feed', async () => {
  const answers = {
    'https://www.youtube.com/@spotlight': page(`<script>{"externalId":"${channelId}"}</script>`),
    [feedUrl]: feed,
  }
  const { round, asked } = await look('@spotlight', answers)
  expect(round.outcome).toBe('ok')
  expect(asked.map(({ url, request }) => [url, request.robots])).toEqual([
    ['https://www.youtube.com/@spotlight', undefined],
    [feedUrl, 'ignore'],
  ])
  expect(round.memory.feedUrl).toBe(feedUrl)
  const next = await look('@spotlight', answers, { memory: round.memory })
  expect(next.asked.map(({ url }) => url)).toEqual([feedUrl])
})

test('a consent page is no channel: that is said, with the way around it', async () => {
  const consent = {
    ...page('<h1>Before you continue to YouTube</h1><form action="https://consent.youtube.com/save"></form>'),
    finalUrl: 'https://consent.youtube.com/m?continue=x',
  }
  const { round } = await look('@spotlight', { 'https://www.youtube.com/@spotlight': consent })
  expect(round).toMatchObject({ outcome: 'blocked', articles: [], message: expect.stringMatching(/consent page.*UC…/) })
})

test('a page that names no channel is a failure that says what to give', async () => {
  const { round } = await look('@spotlight', { 'https://www.youtube.com/@spotlight': page('nothing') })
  expect(round).toMatchObject({ outcome: 'failed', message: expect.stringContaining('UC…') })
})

test.each([404, 500])('a channel whose feed answers %i has failed, and is not gone', async (status) => {
  const { round } = await look(channelId, { [feedUrl]: { status } })
  expect(round).toMatchObject({ outcome: 'failed', articles: [] })
})

test('a feed that has not changed is said to be unchanged', async () => {
  const { round } = await look(channelId, { [feedUrl]: { status: 304 } })
  expect(round).toMatchObject({ outcome: 'unchanged', articles: [] })
})

const oembed: Recorded = {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    title: 'How tides work',
    author_name: 'Spotlight',
    author_url: 'https://www.youtube.com/@spotlight',
    type: 'video',
    provider_name: 'YouTube',
    html: '<iframe></iframe>',
  }),
}
const oembedUrl = 'https://www.youtube.com/oembed'

test('a video brings its title by oEmbed, and says that its transcript is to be handed over', async () => {
  const { round } = await look('https://youtu.be/dQw4w9WgXcQ?t=3', { [oembedUrl]: oembed })
  expect(round).toMatchObject({ outcome: 'ok', message: expect.stringContaining('without its transcript') })
  expect(round.articles).toMatchObject([
    { url: 'https://www.youtube.com/watch?v=dQw4w9WgXcQ', author: { username: '@spotlight' }, kind: 'video' },
  ])
})

test('a video that is private is blocked, and one whose answer is no JSON has failed', async () => {
  expect((await look('youtu.be/dQw4w9WgXcQ', { [oembedUrl]: { status: 401 } })).round.outcome).toBe('blocked')
  expect((await look('youtu.be/dQw4w9WgXcQ', { [oembedUrl]: { body: '<html>' } })).round.outcome).toBe('failed')
})

const said = 'The moon raises the tides. Twice a day.'
test.each([
  [
    'SRT',
    '1\n00:00:00,000 --> 00:00:02,000\nThe moon raises\u00A0the tides.\n\n2\n00:00:02,000 --> 00:00:04,000\n<i>Twice a day.</i>\n',
  ],
  [
    'VTT with rolling captions',
    'WEBVTT\nKind: captions\nLanguage: en\n\n00:00.000 --> 00:02.000 align:start\nThe moon raises the tides.\n\n00:02.000 --> 00:04.000\nThe moon raises the tides.\n<00:02.500><c>Twice a day.</c>\n',
  ],
  [
    'YouTube’s JSON',
    JSON.stringify({
      events: [
        { tStartMs: 0, segs: [{ utf8: 'The moon raises' }, { utf8: ' the tides.' }] },
        { tStartMs: 1, segs: [{ utf8: '\n' }] },
        { tStartMs: 2, segs: [{ utf8: 'Twice a day.' }] },
      ],
    }),
  ],
  ['a list of cues', JSON.stringify([{ text: 'The moon raises the tides.' }, { text: 'Twice a day.' }])],
  ['plain text', ' The moon raises the tides. Twice a day.\n'],
])('a transcript that is handed over as %s becomes the video’s text', async (_, transcript) => {
  const { round } = await look('youtu.be/dQw4w9WgXcQ', { [oembedUrl]: oembed }, { html: transcript })
  expect(round.articles).toMatchObject([{ body: said, kind: 'transcript', title: 'How tides work' }])
})

test('a transcript that is a trap for parsers is a failed look', async () => {
  const html = `1\n00:00:00,000 --> 00:00:02,000\n${'<b>'.repeat(300)}`
  const { round } = await look('youtu.be/dQw4w9WgXcQ', { [oembedUrl]: oembed }, { html })
  expect(round).toMatchObject({
    outcome: 'failed',
    articles: [],
    message: 'The transcript is nested more than 250 elements deep.',
  })
})

test('numbers that are said stay in a transcript; those of cues do not', () => {
  expect(transcriptText('[Music] In the year 1912')).toBe('[Music] In the year 1912')
  expect(transcriptText('1\n00:00:00,000 --> 00:00:02,000\nIn the year\n1912\n')).toContain('In the year')
})
