import { describe, expect, test } from 'vitest'
import { honestPages } from '../testing/honest-pages.ts'
import { type PageRead, readPage } from './read-page.ts'

const url = 'https://example.com/blog/post'
const sentences = (n: number) =>
  `<p>Paragraph ${n} goes on about the matter at hand, with an example from practice, a remark on why it happens, and a sentence that ties both together.</p>`
const filler = [1, 2, 3, 4].map(sentences).join('')

function read(body: string, head = '<title>A piece</title>', at = url): PageRead {
  const result = readPage({
    html: `<!doctype html><html lang="en-us"><head>${head}</head><body>${body}</body></html>`,
    url: at,
  })
  if (result.outcome !== 'ok') throw new Error(`${result.outcome}: ${result.reason}`)
  return result
}
const markdown = (inner: string): string =>
  read(`<article><h1>A piece</h1>${filler}${inner}${sentences(5)}</article>`).article.body

describe('Markdown of a page keeps', () => {
  test.each([
    [
      'a code block and its language',
      '<pre><code class="language-ts">if (a &lt; 2) {\n\n  f(`x`)\n}\n</code></pre>',
      '```ts\nif (a < 2) {\n\n  f(`x`)\n}\n```',
    ],
    [
      'the language that a highlighter puts around the block',
      '<div class="highlight-source-python"><pre><span class="k">import</span> os</pre></div>',
      '```python\nimport os\n```',
    ],
    [
      'code whose numbers stand in a column beside it',
      '<table><tr><td class="gutter"><pre>1\n2</pre></td><td class="code"><pre>a = 1\nb = 2</pre></td></tr></table>',
      '```\na = 1\nb = 2\n```',
    ],
    [
      'lines of code that are elements of their own',
      '<pre class="lang-sh"><div>cd a</div><div>ls</div></pre>',
      '```sh\ncd a\nls\n```',
    ],
    ['backticks in code', '<pre>```\nx\n```</pre>', '````\n```\nx\n```\n````'],
    [
      'code inside a line',
      '<p>Call <code>f(a | b)</code> as the manual tells everyone to do, again and again.</p>',
      'Call `f(a | b)` as',
    ],
    [
      'a table with `|` in its cells',
      '<table><tr><th>Name</th><th>a|b</th></tr><tr><td>x|y|z</td><td></td></tr></table>',
      '| Name    | a\\|b |\n| ------- | ---- |\n| x\\|y\\|z |      |',
    ],
    [
      'the caption of a table',
      '<table><caption>Prices</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>',
      '**Prices**\n\n| a ',
    ],
    [
      'the number that a list starts with',
      '<ol start="5"><li>five of them</li><li>six of them</li></ol>',
      '5. five of them\n6. six of them',
    ],
    [
      'lists in lists, and code in them',
      '<ul><li>one<ol><li>deep<pre>x()</pre></li></ol></li><li>two</li></ul>',
      '- one\n    1. deep\n\n        ```\n        x()\n        ```\n- two',
    ],
    [
      'quotes of several paragraphs',
      '<blockquote><p>First one.</p><p>Second one.</p></blockquote>',
      '> First one.\n>\n> Second one.',
    ],
    [
      'a picture and its caption',
      '<figure><img src="/p.jpg" alt="A river"><figcaption>The <i>river</i> in winter</figcaption></figure>',
      '![A river](https://example.com/p.jpg)\n\n_The river in winter_',
    ],
    [
      'a picture that is loaded late',
      '<p><img src="data:image/gif;base64,R0" data-src="/late.jpg" alt="Late"></p>',
      '![Late](https://example.com/late.jpg)',
    ],
    ['a definition list', '<dl><dt>Term</dt><dd>Its meaning.</dd></dl>', '**Term**\n\nIts meaning.'],
    [
      'TeX of a drawn formula',
      '<p>We know that <span class="katex"><math><annotation encoding="application/x-tex">E=mc^2</annotation></math><span>E=mc2</span></span> holds.</p>',
      '$E=mc^2$ holds',
    ],
    [
      'a video as a link',
      '<p><iframe src="https://www.youtube.com/embed/abc" title="A talk"></iframe></p>',
      '[A talk](https://www.youtube.com/embed/abc)',
    ],
    [
      'addresses absolute',
      '<p>As <a href="../b?x=1&amp;y=2">the other one</a> says about this in its second half.</p>',
      '[the other one](https://example.com/b?x=1&y=2)',
    ],
  ])('%s', (_, html, expected) => {
    expect(markdown(html)).toContain(expected)
  })

  test('footnotes, with a mark at each place that refers to one', () => {
    const body = markdown(
      '<p>A claim<sup id="fnref1"><a href="#fn1">1</a></sup>, and one more<a href="#fn2" id="r2"><sup>[2]</sup></a>.</p>' +
        '<section class="footnotes"><ol><li id="fn1"><p>Says <a href="/x">a source</a>. <a href="#fnref1">↩︎</a></p></li><li id="fn2">Another. <a href="#r2">↩</a></li></ol></section>',
    )
    expect(body).toContain('A claim[^1], and one more[^2].')
    expect(body).toContain('[^1]: Says [a source](https://example.com/x).\n[^2]: Another.')
    expect(body).not.toContain('↩')
  })

  test('nothing that a click would run', () => {
    const bad = [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' java\nscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
    ]
    const body = markdown(
      `<p>${bad.map((href, n) => `<a href="${href}">link number ${n}</a>`).join(', ')} and <img src="javascript:x" alt="p"> in a sentence.</p>`,
    )
    expect(body).toContain('link number 0, link number 1')
    expect(body).not.toMatch(/script:|data:|file:/i)
  })
})

describe('the article of a page', () => {
  test('is without title, by-line, menus, share bars, teasers and comments', () => {
    const { text } = read(
      `<nav><a href="/">Home</a><a href="/n">News</a></nav><div class="share-bar">Share on Facebook</div><article><h1>A piece</h1><p class="byline">By A. Writer</p><p>Published 3 May 2026</p>
      ${filler}<p>READ MORE: <a href="/x">Something else entirely</a></p>${sentences(5)}<h3>Related articles</h3><ul><li><a href="/1">A first teaser of another piece</a></li><li><a href="/2">A second teaser of another piece</a></li></ul></article>
      <div id="comments"><h2>3 comments</h2><p>I do not agree with a single word of this, and I will say so at length wherever I can.</p></div><footer>© Example</footer>`,
    )
    expect(text.split('\n')).toEqual([1, 2, 3, 4, 5].map((n) => sentences(n).replace(/<\/?p>/g, '')))
  })

  test('is read from JSON-LD where the page shows less than half of it', () => {
    const body = [1, 2, 3, 4, 5, 6].map((n) => sentences(n).replace(/<\/?p>/g, '')).join('\n\n')
    const head = `<title>A piece</title><script type="application/ld+json">${JSON.stringify({ '@type': 'NewsArticle', headline: 'A piece', articleBody: body })}</script>`
    expect(read('<div id="root"></div><script src="/a.js"></script>', head).article.body).toBe(body)
  })

  test.each([
    [
      'a list of links to others at its end',
      '<h2>Further reading</h2><ul><li><a href="https://example.org/1">A paper on the matter</a></li><li><a href="https://example.net/2">Another paper on it</a></li></ul>',
      'Another paper on it',
    ],
    [
      'a section whose heading has a telling id',
      `<h2 id="related-work">Related work</h2>${sentences(6)}`,
      'Related work',
    ],
    [
      'a section that is named after its heading',
      `<section id="comments"><h2>Comments in code</h2>${sentences(6)}</section>`,
      'Paragraph 6',
    ],
    ['headings of one word', `<h2>Search</h2>${sentences(6)}<h2>Tags</h2>${sentences(7)}`, 'Tags'],
    ['a list of one word each', `<ul><li>Home</li><li>Search</li></ul>${sentences(6)}`, 'Search'],
    [
      'a sentence that begins like a teaser',
      `<p>Also: I wrote a longer text about this, with all figures, <a href="/b">last year</a>.</p>${sentences(6)}`,
      'Also: I wrote',
    ],
    ['dates as headings', `<h2>May 3, 2026</h2>${sentences(6)}<h2>May 1, 2026</h2>${sentences(7)}`, 'May 1, 2026'],
    ['a list of dates at its end', '<p>October 3 – Phoenix, AZ</p><p>October 9 – Irving, TX</p>', 'Irving, TX'],
  ])('keeps %s', (_, html, expected) => {
    expect(read(`<article><h1>A piece</h1>${filler}${html}</article>`).text).toContain(expected)
  })

  test('stays when its container bears the name of furniture', () => {
    expect(read(`<div class="widget sidebar"><h1>A piece</h1>${filler}</div>`).text).toContain('Paragraph 4')
  })

  test('has the same hash when only its frame changes', () => {
    const one = read(`<article>${filler}</article>`)
    const other = read(
      `<header>Other</header><main><div>${filler}</div></main>`,
      '<title>Other</title>',
      'https://example.org/copy',
    )
    expect(one.textHash).toBe(other.textHash)
  })

  test.each(honestPages.map(({ name, html }) => [name, html]))('is no wall: %s', (_, html) => {
    expect(readPage({ html, url })).toMatchObject({ outcome: 'ok' })
  })

  test('may be of pictures alone', () => {
    expect(
      read('<article><h2>One</h2><img src="/1.jpg" alt="a"><h2>Two</h2><img src="/2.jpg" alt="b"></article>').article
        .body,
    ).toContain('![b](https://example.com/2.jpg)')
  })

  test('survives null bytes and a wrong declaration', () => {
    const html = `<html><head><meta charset="iso-8859-1"><title>Übung</title></head><body><article><p>Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.\0</p>${filler}</article></body></html>`
    expect(readPage({ bytes: Buffer.from(html), contentType: 'text/html; charset=iso-8859-1', url })).toMatchObject({
      outcome: 'ok',
      article: { title: 'Übung' },
      text: expect.stringContaining('Zwölf Boxkämpfer'),
    })
  })
})

describe('metadata', () => {
  const body = `<article><h1>The heading</h1>${filler}</article>`
  const jsonLd = (value: unknown) => `<script type="application/ld+json">${JSON.stringify(value)}</script>`

  test('comes from JSON-LD first', () => {
    const head = `<title>Other</title><meta property="og:title" content="Other">${jsonLd({
      '@graph': [
        { '@type': 'Organization', '@id': '#org', name: 'The Example' },
        {
          '@type': 'BlogPosting',
          headline: 'The headline',
          author: [{ name: 'A. Writer' }, { name: 'B. Writer' }],
          datePublished: '2026-05-03T10:00:00+02:00',
          publisher: { '@id': '#org' },
          inLanguage: 'de',
          keywords: 'one, two',
        },
      ],
    })}`
    expect(read(body, head)).toMatchObject({
      siteName: 'The Example',
      byline: 'A. Writer, B. Writer',
      article: {
        title: 'The headline',
        author: { username: 'A. Writer, B. Writer' },
        publishedAt: new Date('2026-05-03T08:00:00Z'),
        tags: ['one', 'two'],
      },
    })
  })

  test('comes from OpenGraph and its like', () => {
    const head =
      '<title>x</title><meta property="og:title" content="The title &amp; more | The Example"><meta property="og:site_name" content="The Example"><meta name="author" content="By A. Writer"><meta property="article:published_time" content="2026-05-03"><meta property="og:image" content="/i.jpg"><meta name="description" content="About it"><link rel="alternate" type="application/rss+xml" title="All" href="/feed"><link rel="canonical" href="/post?utm_source=x">'
    expect(read(body, head)).toMatchObject({
      siteName: 'The Example',
      byline: 'A. Writer',
      description: 'About it',
      image: 'https://example.com/i.jpg',
      canonicalUrl: 'https://example.com/post',
      feeds: [{ url: 'https://example.com/feed', title: 'All', type: 'application/rss+xml' }],
      article: {
        url: 'https://example.com/post',
        aliases: [url],
        title: 'The title & more',
        language: 'en-US',
        publishedAt: new Date('2026-05-03'),
      },
    })
  })

  test('comes from elements and the address where nothing else says it', () => {
    const shown = `<div class="post-author"><a rel="author" href="/a">A. Writer</a></div><article><h1>The heading of it</h1>${filler}</article>`
    expect(
      read(shown, '<title>The heading of it – The Example</title>', 'https://example.com/2026/05/03/the-heading'),
    ).toMatchObject({
      byline: 'A. Writer',
      article: { title: 'The heading of it', publishedAt: new Date('2026-05-03') },
    })
  })

  test.each([
    ['another site', '<link rel="canonical" href="https://evil.example.org/x">'],
    ['a neighbour on the same platform', '<link rel="canonical" href="https://b.example.com/x">'],
    ['the front page', '<link rel="canonical" href="https://a.example.com/">'],
    ['a script', '<link rel="canonical" href="javascript:x">'],
  ])('takes no address that is %s', (_, head) => {
    expect(read(body, head, 'https://a.example.com/post').canonicalUrl).toBe('https://a.example.com/post')
  })

  test.each(['1970-01-01', '2999-01-01', 'yesterday', ''])('takes no date like %j', (date) => {
    expect(read(body, `<meta property="article:published_time" content="${date}">`).article).not.toHaveProperty(
      'publishedAt',
    )
  })
})
