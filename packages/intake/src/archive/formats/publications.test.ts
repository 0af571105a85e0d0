import { expect, test } from 'vitest'
import { growth } from '../../testing/growth.ts'
import { readFiles } from '../testing/read-files.ts'

const medium = (title: string, body: string, footer: string) =>
  `<!DOCTYPE html><html><body><article class="h-entry"><header><h1 class="p-name">${title}</h1></header>
  <section data-field="subtitle" class="p-summary">On sand</section>
  <section data-field="body" class="e-content">${body}</section><footer>${footer}</footer></article></body></html>`
const footer = `<p>By <a href="https://medium.com/@rosa" class="p-author h-card">Rosa V.</a> on
  <a href="https://medium.com/p/abcdefabcdef"><time class="dt-published" datetime="2021-05-06T07:08:09.000Z">May 6</time></a></p>
  <p><a href="https://medium.com/@rosa/dunes-abcdefabcdef" class="p-canonical">Canonical link</a></p>`

test('Medium: posts without the title said twice; responses are comments; drafts and the profile stay out', async () => {
  const { items, skipped, events } = await readFiles({
    'posts/2021-05-06_Dunes-abcdefabcdef.html': medium(
      'Dunes',
      '<h3 class="graf--title">Dunes</h3><h4 class="graf--subtitle">On sand</h4><p>They <b>walk</b>.</p><p><a href="javascript:alert(1)">x</a></p>',
      footer,
    ),
    'posts/2021-05-07_I-agree-111111111111.html': medium('I agree', '<p>I agree with you.</p>', footer),
    'posts/draft_Secret-222222222222.html': medium('Secret', '<p>SECRET</p>', footer),
    'profile/profile.html': '<html><body class="h-card"><p>rosa@example.org</p></body></html>',
  })
  expect(items).toMatchObject([
    {
      id: 'abcdefabcdef',
      kind: 'post',
      title: 'Dunes',
      subtitle: 'On sand',
      body: 'They **walk**.\n\nx',
      url: 'https://medium.com/@rosa/dunes-abcdefabcdef',
      author: { username: '@rosa', displayName: 'Rosa V.' },
      publishedAt: new Date('2021-05-06T07:08:09Z'),
    },
    { kind: 'comment', url: 'https://medium.com/@rosa/dunes-abcdefabcdef#2021-05-07_I-agree-111111111111' },
  ])
  expect(skipped).toContain('draft draft_Secret-222222222222')
  expect(JSON.stringify(events)).not.toMatch(/SECRET|rosa@/)
})

test('Substack: published rows with their files; the list of subscribers is never read', async () => {
  const { items, skipped, problems, events } = await readFiles(
    {
      'posts.csv': `post_id,post_date,is_published,type,audience,title,subtitle,podcast_url
11.dunes,2022-01-02T03:04:05.000Z,true,newsletter,only_paid,Dunes &amp; wind,Sand,
12.secret,2022-01-02T03:04:05.000Z,false,newsletter,everyone,SECRET,,
13.lost,2022-01-02T03:04:05.000Z,true,newsletter,everyone,Lost,,
14.heard,2022-01-02T03:04:05.000Z,true,podcast,everyone,Heard,,https://audio.example.org/1.mp3
`,
      'posts/11.dunes.html': '<p>They walk.</p><p class="button-wrapper"><a href="#"><span>Subscribe</span></a></p>',
      'posts/12.secret.html': '<p>SECRET</p>',
      'posts/14.heard.html': '<p>Listen.</p>',
      'email_list.csv': 'email,active_subscription\nSECRET@example.org,true\n',
      'posts/11.opens.csv': 'post_id,email\n11,SECRET@example.org\n',
    },
    { siteUrl: 'https://rosa.example.org' },
  )
  expect(items).toMatchObject([
    {
      id: '11',
      kind: 'post',
      title: 'Dunes & wind',
      body: 'They walk.',
      audience: 'only_paid',
      url: 'https://rosa.example.org/p/dunes',
    },
    { id: '14', kind: 'podcast', link: 'https://audio.example.org/1.mp3' },
  ])
  expect(skipped).toContain('draft 12')
  expect(problems).toEqual(['missing-file posts.csv'])
  expect(JSON.stringify(events)).not.toContain('SECRET')
})

const lexical = (text: string) =>
  JSON.stringify({
    root: {
      type: 'root',
      children: [
        { type: 'heading', tag: 'h2', children: [{ type: 'text', text: 'Wind' }] },
        {
          type: 'paragraph',
          children: [
            { type: 'text', format: 1, text },
            { type: 'link', url: 'https://w.example.org/', children: [{ type: 'text', text: 'more' }] },
          ],
        },
        { type: 'list', tag: 'ul', children: [{ type: 'listitem', children: [{ type: 'text', text: 'a < b' }] }] },
        { type: 'codeblock', code: 'let a = 1', language: 'js' },
        { type: 'callout', calloutText: 'Mind the sand' },
      ],
    },
  })
const mobiledoc = JSON.stringify({
  version: '0.3.1',
  markups: [['strong'], ['a', ['href', 'https://w.example.org/']]],
  atoms: [],
  cards: [['markdown', { markdown: 'In *Markdown*.' }]],
  sections: [
    [
      1,
      'p',
      [
        [0, [], 0, 'They '],
        [0, [0], 1, 'walk'],
        [0, [1], 1, ' far'],
      ],
    ],
    [3, 'ul', [[[0, [], 0, 'one']]]],
    [10, 0],
  ],
})

test('Ghost: published posts of all three kinds of document, with names and public tags; no mail, no drafts', async () => {
  const { items, skipped, problems, events } = await readFiles({
    'site.json': JSON.stringify({
      db: [
        {
          meta: { exported_on: 1, version: '5' },
          data: {
            posts: [
              {
                id: 1,
                title: 'L',
                slug: 'l',
                lexical: lexical('They walk'),
                type: 'post',
                status: 'published',
                published_at: '2023-01-01T00:00:00Z',
              },
              { id: 2, title: 'M', slug: 'm', mobiledoc, type: 'page', status: 'published', visibility: 'paid' },
              { id: 3, title: 'H', html: '<p>__GHOST_URL__/a</p>', status: 'published' },
              { id: 4, title: 'S', html: 'SECRET', status: 'draft' },
              { id: 5, title: 'N', html: 'SECRET', status: 'sent' },
              { id: 6, title: 'Broken', lexical: '{"root":', status: 'published' },
            ],
            tags: [
              { id: 't1', name: 'Sand' },
              { id: 't2', name: '#secret', visibility: 'internal' },
            ],
            posts_tags: [
              { post_id: 1, tag_id: 't2', sort_order: 0 },
              { post_id: 1, tag_id: 't1', sort_order: 1 },
            ],
            users: [{ id: 'u', name: 'Rosa V.', slug: 'rosa', email: 'SECRET@example.org' }],
            posts_authors: [{ post_id: 1, author_id: 'u' }],
          },
        },
      ],
    }),
  })
  expect(items).toMatchObject([
    {
      id: '1',
      tags: ['Sand'],
      author: { username: 'rosa', displayName: 'Rosa V.' },
      body: '## Wind\n\n**They walk**[more](https://w.example.org/)\n\n- a < b\n\n```js\nlet a = 1\n```\n\nMind the sand',
      url: 'urn:extropy:ghost:1',
    },
    {
      id: '2',
      kind: 'page',
      audience: 'paid',
      body: 'They **walk**[ far](https://w.example.org/)\n\n- one\n\nIn \\*Markdown\\*.',
    },
    { id: '3' },
  ])
  expect(skipped).toEqual(['draft 4', 'private 5'])
  expect(problems).toEqual(['bad-record site.json'])
  expect(JSON.stringify(events)).not.toMatch(/SECRET|secret/)
})

const wxr = (
  items: string,
) => `<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>A & B</title>
<link>https://blog.example.org</link><wp:author><wp:author_login>rosa@example.org</wp:author_login>
<wp:author_display_name><![CDATA[Rosa V.]]></wp:author_display_name></wp:author>${items}</channel></rss>`
const wxrItem = (fields: string, status = 'publish', type = 'post') =>
  `<item><wp:post_type>${type}</wp:post_type><wp:status>${status}</wp:status>${fields}</item>`

test('WordPress: published posts and pages, paragraphs by blank lines; comments of others never come out', async () => {
  const { items, skipped, problems, events } = await readFiles({
    'export.xml': wxr(
      [
        wxrItem(`<title>Dunes &amp; wind</title><link>/dunes?a=1&b=2</link><wp:post_id>1</wp:post_id><dc:creator>rosa@example.org</dc:creator>
          <content:encoded><![CDATA[They\u000b walk.\n\nFar.]]></content:encoded><wp:post_date_gmt>2020-01-02 03:04:05</wp:post_date_gmt>
          <category domain="post_tag" nicename="sand"><![CDATA[Sand]]></category><category domain="category" nicename="uncategorized">U</category>
          <wp:comment><wp:comment_author_email>SECRET@example.org</wp:comment_author_email><wp:comment_content>SECRET</wp:comment_content></wp:comment>`),
        wxrItem('<title>SECRET</title><wp:post_id>2</wp:post_id>', 'draft'),
        wxrItem('<title>SECRET</title><wp:post_id>3</wp:post_id><wp:post_password>x</wp:post_password>'),
        wxrItem('<title>File</title><wp:post_id>4</wp:post_id>', 'inherit', 'attachment'),
        wxrItem(
          '<title>About</title><wp:post_id>5</wp:post_id><content:encoded>Us</content:encoded>',
          'publish',
          'page',
        ),
      ].join('\n'),
    ),
  })
  expect(items).toMatchObject([
    {
      id: '1',
      kind: 'post',
      title: 'Dunes & wind',
      body: 'They walk.\n\nFar.',
      url: 'https://blog.example.org/dunes?a=1&b=2',
      author: { username: 'Rosa V.' },
      tags: ['Sand'],
      publishedAt: new Date('2020-01-02T03:04:05Z'),
    },
    { id: '5', kind: 'page' },
  ])
  expect(skipped).toEqual(['draft 2', 'private 3', 'not-content 4'])
  expect(problems).toEqual([])
  expect(JSON.stringify(events)).not.toMatch(/SECRET|rosa@/)
})

test('WordPress: an export that breaks off gives its whole posts, and says so', async () => {
  const whole = wxr(
    wxrItem('<title>One</title><wp:post_id>1</wp:post_id>') + wxrItem('<title>Two</title><wp:post_id>2</wp:post_id>'),
  )
  const { items, problems } = await readFiles({ 'export.xml': whole.slice(0, whole.indexOf('Two') + 3) })
  expect(items.map(({ title }) => title)).toEqual(['One'])
  expect(problems).toEqual(['cut export.xml'])
})

const actor = JSON.stringify({
  id: 'https://social.example/users/rosa',
  preferredUsername: 'rosa',
  name: 'Rosa',
  outbox: 'outbox.json',
})
const isPublic = 'https://www.w3.org/ns/activitystreams#Public'
const toot = (n: number, to: string[], cc: string[], more: object = {}) => ({
  type: 'Create',
  object: {
    id: `https://social.example/users/rosa/statuses/${n}`,
    url: `https://social.example/@rosa/${n}`,
    content: `<p>Number ${n}<br>&lt;3</p>`,
    published: '2024-01-02T03:04:05Z',
    to,
    cc,
    ...more,
  },
})

test('Mastodon: public and unlisted posts; boosts, followers-only and direct ones stay out', async () => {
  const followers = 'https://social.example/users/rosa/followers'
  const { items, skipped } = await readFiles({
    'actor.json': actor,
    'outbox.json': JSON.stringify({
      id: 'outbox.json',
      type: 'OrderedCollection',
      orderedItems: [
        toot(1, [isPublic], [followers], { tag: [{ type: 'Hashtag', name: '#sand' }], contentMap: { en: '' } }),
        toot(2, [followers], [isPublic], { inReplyTo: 'https://other.example/5', summary: 'sand' }),
        toot(3, [followers], []),
        toot(4, ['https://other.example/tom'], []),
        { type: 'Announce', id: 'https://social.example/5/activity', object: 'https://other.example/6' },
      ],
    }),
    'likes.json': JSON.stringify({
      id: 'likes.json',
      type: 'OrderedCollection',
      orderedItems: ['https://other.example/7'],
    }),
  })
  expect(items).toMatchObject([
    {
      id: '1',
      kind: 'post',
      audience: 'public',
      tags: ['sand'],
      language: 'en',
      author: { username: '@rosa@social.example', displayName: 'Rosa' },
    },
    { id: '2', kind: 'reply', audience: 'unlisted', replyTo: 'https://other.example/5', summary: 'sand' },
  ])
  expect(skipped).toEqual(
    expect.arrayContaining(['private 3', 'private 4', 'repost https://social.example/5/activity']),
  )
})

test('Reddit: by the names of columns; what is deleted, saved, sent or an address stays out', async () => {
  const { items, skipped, problems, events } = await readFiles({
    'posts.csv':
      'id,permalink,date,ip,subreddit,title,url,body\na,/r/Sand/comments/a/x/,2024-01-02 03:04:05 UTC,SECRET,Sand,Dunes,,"They ""walk""."\nb,/r/Sand/comments/b/x/,2024-01-02,,Sand,[deleted by user],,[removed]\nc,/r/x\n',
    'comments.csv':
      'id,permalink,date,ip,subreddit,link,parent,body\nd,https://www.reddit.com/r/Sand/comments/a/comment/d/,2024-01-02 03:04:05 UTC,SECRET,Sand,,t1_e,Yes\n',
    'messages.csv':
      'id,permalink,thread_id,date,ip,from,to,subject,body\nm,https://www.reddit.com/m,,2024-01-02,,rosa,tom,SECRET,SECRET\n',
    'statistics.csv': 'statistic,value\naccount name,rosa_sand\n',
  })
  expect(items).toMatchObject([
    { id: 'd', kind: 'comment', replyTo: 'e', author: { username: 'rosa_sand' } },
    {
      id: 'a',
      kind: 'post',
      title: 'Dunes',
      body: 'They "walk".',
      url: 'https://www.reddit.com/r/Sand/comments/a/x/',
      tags: ['Sand'],
    },
  ])
  expect(skipped).toContain('deleted b')
  expect(problems).toEqual(['bad-record posts.csv'])
  expect(JSON.stringify(events)).not.toContain('SECRET')
})

test('a table of messages alone is refused', async () => {
  const messages = { 'messages.csv': 'id,permalink,from,to,url,body\nm,p,rosa,tom,https://a.example.org/,SECRET\n' }
  await expect(readFiles(messages)).rejects.toThrow(/messages, which are private/)
})

test('HTML is made Markdown in a thread: a piece that takes too long is a problem, and the others come in', async () => {
  const wordpressPost = (id: number, text: string) =>
    `<item><title>T${id}</title><wp:post_type>post</wp:post_type><wp:status>publish</wp:status><wp:post_id>${id}</wp:post_id><content:encoded><![CDATA[${text}]]></content:encoded></item>`
  const files = {
    'medium/posts/2021-05-06_Dunes-abcdefabcdef.html': medium('Dunes', '<p>Slow.</p>', footer),
    'substack/posts.csv': `post_id,post_date,is_published,type,audience,title,subtitle,podcast_url
11.slow,2022-01-02T03:04:05.000Z,true,newsletter,everyone,Slow,,
12.fast,2022-01-02T03:04:05.000Z,true,newsletter,everyone,Fast,,
`,
    'substack/posts/11.slow.html': '<p>Slow.</p>',
    'substack/posts/12.fast.html': 'Fast substack',
    'ghost.json': JSON.stringify({
      db: [
        {
          meta: { version: '5' },
          data: { posts: [{ id: 1, title: 'G', html: '<p>Slow.</p>', plaintext: 'Fast ghost', status: 'published' }] },
        },
      ],
    }),
    'wordpress.xml': `<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>${wordpressPost(1, '<p>Slow.</p>')}</channel></rss>`,
    'mastodon/outbox.json': JSON.stringify({
      '@context': 'https://www.w3.org/ns/activitystreams',
      type: 'OrderedCollection',
      orderedItems: ['<p>Slow.</p>', 'Fast mastodon'].map((content, n) => ({
        type: 'Create',
        object: { id: `https://m.example/${n}`, content, to: ['https://www.w3.org/ns/activitystreams#Public'] },
      })),
    }),
  }
  const { items, problems } = await readFiles(files, { markdown: { timeLimitMs: 1 } })
  expect(problems.toSorted()).toEqual(
    [
      'mastodon/outbox.json',
      'medium/posts/2021-05-06_Dunes-abcdefabcdef.html',
      'substack/posts.csv',
      'wordpress.xml',
    ].map((file) => `too-large ${file}`),
  )
  expect(items.map(({ body }) => body).toSorted()).toEqual(['Fast ghost', 'Fast mastodon', 'Fast substack'])
  expect((await readFiles(files)).problems).toEqual([])
})

test.each([
  [
    'captions of WordPress',
    (n: number) => ({
      'a.xml': `<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>T</title><wp:post_type>post</wp:post_type><wp:status>publish</wp:status><wp:post_id>1</wp:post_id><content:encoded>${'[caption '.repeat(n)}</content:encoded></item></channel></rss>`,
    }),
  ],
  [
    'buttons of Substack',
    (n: number) => ({
      'posts.csv': 'post_id,post_date,is_published,type,audience,title\n11.a,2022-01-02,true,newsletter,everyone,A\n',
      'posts/11.a.html': '<p class="button-wrapper"> '.repeat(n),
    }),
  ],
  ['marks of captions', (n: number) => ({ 'a.srt': `1\n00:00:01,000 --> 00:00:02,000\n${'{\\an '.repeat(n)}\n` })],
])('%s without an end take time in proportion to their length', async (_, files) => {
  const work = (n: number) => readFiles(files(n), { markdown: { timeLimitMs: 1 } })
  expect(await growth(work, 10_000, { rounds: 2, leastUs: 10_000 })).toBeLessThan(9)
})
