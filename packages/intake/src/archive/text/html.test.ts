import { expect, test } from 'vitest'
import { growth } from '../../testing/growth.ts'
import { htmlToMarkdown } from './html.ts'

test('blocks stand apart, whatever holds them, and what stands between them stays', () => {
  const html = `Before <b>all</b><div><section><h2>Dunes</h2><p>They <i>walk</i>.<hr><p>Far &amp; wide.</section> Between
    <ul><li>one<li>two</ul></div><table><tr><td>a</td><td>b</td></tr></table><pre><code>x = 1\n\n\ny</code></pre>after`
  expect(htmlToMarkdown(html)).toBe(
    'Before **all**\n\n## Dunes\n\nThey *walk*.\n\n---\n\nFar & wide.\n\nBetween\n\n- one\n- two\n\n| a | b |\n| - | - |\n\n```\nx = 1\n\ny\n```\n\nafter',
  )
})

test('links that run a program are words, with others around them', () => {
  expect(
    htmlToMarkdown(
      '<p>[x] <a href="https://a.example/">a</a> <a href="javascript:b()">b</a>, <a href="data:text/html,c">c</a> <a href="https://d.example/">d</a></p>',
    ),
  ).toBe('\\[x\\] [a](https://a.example/) b, c [d](https://d.example/)')
})

test.each([
  ['paragraphs', 750, (n: number) => '<p>Some words of a paragraph, as people write.</p>'.repeat(n)],
  ['brackets', 10_000, (n: number) => `<p>${'['.repeat(n)}`],
])('takes time in proportion to its length for %s', async (_, size, html) => {
  expect(await growth((n) => htmlToMarkdown(html(n)), size)).toBeLessThan(9)
})
