import { expect, test } from 'vitest'
import { readFiles } from '../testing/read-files.ts'

test('bookmarks: folders, tags, descriptions and times of any unit; private ones only where asked for', async () => {
  const files = {
    'b.html': `<!DOCTYPE NETSCAPE-Bookmark-file-1><TITLE>Bookmarks</TITLE><H1>Bookmarks</H1><DL><p>
    <DT><H3>Sand</H3><DL><p>
      <DT><H3>Dunes &amp; wind</H3><DL><p><DT><A HREF="https://a.example.org/?a=1&amp;b=2" ADD_DATE="1600000000" TAGS="x, y">A</A><DD>They walk.</DL><p>
      <DT><A HREF="https://b.example.org/" ADD_DATE="1600000000000">B</A></DL><p>
    <DT><A HREF="https://a.example.org/?a=1&amp;b=2" TAGS="z">Again</A>
    <DT><A HREF="https://c.example.org/" PRIVATE="1">SECRET</A>
    <DT><A HREF="javascript:alert(1)">J</A></DL>`,
  }
  const { items, skipped, events } = await readFiles(files)
  expect(items).toMatchObject([
    {
      kind: 'bookmark',
      url: 'https://a.example.org/?a=1&b=2',
      title: 'A',
      body: 'They walk.',
      folder: ['Sand', 'Dunes & wind'],
      tags: ['x', 'y', 'z'],
      publishedAt: new Date(1_600_000_000_000),
    },
    { url: 'https://b.example.org/', folder: ['Sand'], publishedAt: new Date(1_600_000_000_000) },
  ])
  expect(skipped).toEqual(['private b.html', 'not-content J', 'duplicate https://a.example.org/?a=1&b=2'])
  expect(JSON.stringify(events)).not.toContain('SECRET')
  expect((await readFiles(files, { includePrivate: true })).items).toHaveLength(3)
})

test('Pocket and Instapaper: states, tags, and no date where none can be read', async () => {
  const { items, problems } = await readFiles({
    'part_000000.csv':
      'title,url,time_added,tags,status\nA,https://a.example.org/,1600000000,x|y,archive\nB,https://b.example.org/,yesterday,,unread\nC,,1,,unread\n',
    'instapaper.csv':
      'URL,Title,Selection,Folder,Timestamp\nhttps://d.example.org/,D,They walk.,Starred,1600000000\nhttps://e.example.org/,,,Sand,\nhttps://a.example.org/,A,,Unread,\n',
  })
  expect(items).toMatchObject([
    { url: 'https://d.example.org/', starred: true, archived: false, folder: [], body: 'They walk.' },
    { url: 'https://e.example.org/', title: 'https://e.example.org/', folder: ['Sand'] },
    { url: 'https://a.example.org/', title: 'A', archived: false },
    { url: 'https://b.example.org/' },
  ])
  expect(items[1]).not.toHaveProperty('publishedAt')
  expect(items[3]).not.toHaveProperty('publishedAt')
  expect(problems).toEqual(['bad-date part_000000.csv', 'no-url part_000000.csv'])
})

test('OPML: feeds with their folders, each once, whatever the file gets wrong', async () => {
  const { feeds, problems } = await readFiles({
    'feeds.opml': `<?xml version="1.0"?><opml><head><ownerEmail>SECRET@example.org</ownerEmail></head><body><outline text="Sand &amp; wind">
      <outline text="A" xmlUrl="https://a.example.org/f?x=1&y=2" htmlUrl="https://a.example.org/"/></outline>
      <outline title="B" XMLURL="feed://b.example.org/f"/><outline text="A" xmlUrl="https://a.example.org/f?x=1&amp;y=2"/></body></opml>`,
  })
  expect(feeds).toEqual([
    {
      feedUrl: 'https://a.example.org/f?x=1&y=2',
      title: 'A',
      siteUrl: 'https://a.example.org/',
      folder: ['Sand & wind'],
    },
    { feedUrl: 'http://b.example.org/f', title: 'B', folder: [] },
  ])
  expect(problems).toEqual([])
})

test.each([
  ['outlines', '<outline text="deeper">'],
  ['other elements', '<a>'],
])('OPML: 100 levels of %s end the reading, with the feeds before that', async (_, deeper) => {
  const feed = '<outline xmlUrl="https://a.example.org/f"/>'
  const list = (levels: number) => `<opml><body>${feed}${deeper.repeat(levels)}${feed.replace('/f', '/g')}`
  const near = await readFiles({ 'feeds.opml': list(90) })
  expect([near.feeds.length, near.problems]).toEqual([2, ['cut feeds.opml']])
  const far = await readFiles({ 'feeds.opml': list(3000) })
  expect([far.feeds.length, far.problems]).toEqual([1, ['too-large feeds.opml']])
})

test('captions: text without marks, rolling lines once, the video from the name', async () => {
  const { items, problems } = await readFiles({
    'Dunes [aB3_dE5-gH7].en.vtt': `WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
They<00:00:00.500><c> walk</c>

00:00:02.000 --> 00:00:02.010
They walk

00:00:02.010 --> 00:00:04.000
They walk
far &amp; wide
`,
    'a.json': JSON.stringify({
      wireMagic: 'pb3',
      events: [
        { tStartMs: 1000, dDurationMs: 500, segs: [{ utf8: 'They ' }, { utf8: 'walk' }] },
        { tStartMs: 1500, aAppend: 1, segs: [{ utf8: '\n' }] },
      ],
    }),
    'cut.srt': '1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}<i>They</i>\r\n\r\n2\r\n00:00:03,0',
  })
  expect(problems).toEqual([])
  expect(items).toMatchObject([
    {
      url: 'https://www.youtube.com/watch?v=aB3_dE5-gH7',
      title: 'Dunes',
      language: 'en',
      body: 'They walk far & wide',
      captions: { cues: 2, firstStartSeconds: 0, durationSeconds: 4 },
    },
    { kind: 'transcript', body: 'They walk', captions: { cues: 1, firstStartSeconds: 1, durationSeconds: 1.5 } },
    { body: 'They' },
  ])
})

test('Markdown: YAML, TOML and JSON before it, dates in names; drafts and private notes stay out', async () => {
  const { items, skipped, problems } = await readFiles({
    'hugo/toml.md':
      '+++\ntitle = "Toml \\"T\\""\ndate = 2020-01-02T03:04:05Z\ndraft = false\n[taxonomies]\ntags = [\n  "a",\n  \'b\',\n]\n+++\nText.',
    'hugo/json.md': '{\n  "title": "Json",\n  "tags": ["a"]\n}\nText.',
    'jekyll/_posts/2021-03-04-how-they-walk.md': '---\ncategories: sand wind\nauthor: Rosa\n---\nText.',
    'jekyll/_drafts/later.md': 'SECRET',
    'obsidian/Note on sand.md': '# Note on sand\n\nText with [[Dunes]].',
    'obsidian/hidden.md': '---\nprivate: true\n---\nSECRET',
    'obsidian/draft.md': '---\nstatus: draft\n---\nSECRET',
    'obsidian/wrong.md': '---\ntitle: "cut\n---\nText.',
    'obsidian/url.md':
      '---\ncanonical_url: https://rosa.example.org/url\ntags: [x, "#y"]\ndate: 2022-05-06\n---\nText.',
    'obsidian/picture.png': Buffer.from('89504e470d0a', 'hex'),
    '.obsidian/app.json': '{"url":"https://x.example.org"}',
    'plain.txt': 'Plain text.',
  })
  expect(
    items.map(({ id, title, publishedAt, tags }) => [id, title, publishedAt?.toISOString().slice(0, 10), tags]),
  ).toEqual([
    ['hugo/json.md', 'Json', undefined, ['a']],
    ['hugo/toml.md', 'Toml "T"', '2020-01-02', ['a', 'b']],
    ['jekyll/_posts/2021-03-04-how-they-walk.md', 'How they walk', '2021-03-04', ['sand wind']],
    ['obsidian/Note on sand.md', 'Note on sand', undefined, []],
    ['obsidian/url.md', 'Url', '2022-05-06', ['x', 'y']],
    ['plain.txt', 'Plain', undefined, []],
  ])
  expect(items.map(({ url }) => url)).toContain('https://rosa.example.org/url')
  expect(items[3]).toMatchObject({
    url: 'urn:extropy:file:export/obsidian/Note%20on%20sand.md',
    body: 'Text with [[Dunes]].',
  })
  expect(skipped).toEqual([
    'draft jekyll/_drafts/later.md',
    'draft obsidian/draft.md',
    'private obsidian/hidden.md',
    'not-content obsidian/picture.png',
  ])
  expect(problems).toEqual(['bad-record obsidian/wrong.md'])
})

test('tables and lists with the keys of an ingest file go in as they are', async () => {
  const { items, problems } = await readFiles({
    'a.csv': 'Title;URL;Content;Date;Tags\nDunes;https://a.example.org/;"They\nwalk";2020-01-02;x, y\nNo address;;;;\n',
    'b.json':
      '[{"source_url":"https://b.example.org/","title":"B","metrics":{"id":1590000000000000001}},{"title":"none"}]',
    'c.jsonl': '{"url":"https://c.example.org/","title":"C"}\n{"cut\n',
  })
  expect(items.map(({ record }) => record)).toEqual([
    '{"title":"Dunes","source_url":"https://a.example.org/","body":"They\\nwalk","published_at":"2020-01-02T00:00:00.000Z","tags":["x","y"]}',
    '{"source_url":"https://b.example.org/","title":"B","metrics":{"id":1590000000000000001}}',
    '{"source_url":"https://c.example.org/","title":"C"}',
  ])
  expect(problems).toEqual(['no-url a.csv', 'no-url b.json', 'bad-record c.jsonl'])
})

test('lists and captions that break off give what is whole, and never a half', async () => {
  const { items, problems } = await readFiles({
    'a.html':
      '<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF="https://a.example.org/">A</A><DT><A HREF="https://b.example.org/">HALF',
    'b.html':
      '<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF="https://c.example.org/">C</A><DT><A HREF="https://d.example.org/">D</A><DD>HALF',
    'c.html':
      '<html><title>Pocket Export</title><h1>Unread</h1><ul><li><a href="https://e.example.org/" time_added="1600000000" tags="">E</a></li><li><a href="https://f.example.org/" time_added="1">HALF',
    'd.srt':
      '1\n00:00:01,000 --> 00:00:02,000\nSaid.\n\n2\n00:00:0x,000 --> 00:00:04,000\nHALF\n\n3\n00:00:05,000 --> 00:00:06,000\n',
  })
  expect(items.map(({ title, body }) => [title, body])).toEqual([
    ['A', ''],
    ['C', ''],
    ['E', ''],
    ['d', 'Said.'],
  ])
  expect(problems).toEqual(['cut a.html', 'cut b.html', 'cut c.html', 'bad-record d.srt'])
})
