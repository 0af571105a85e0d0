import DOMPurify from 'dompurify'
import { Marked, type Tokens } from 'marked'

/** Of HTML in Markdown, these stay, without any attribute; other tags go, and their text stays. */
const plainTags = /^<\/?(?:b|br|code|del|em|hr|i|ins|kbd|li|mark|ol|p|pre|s|strong|sub|sup|u|ul)\s*\/?>$/i
const invisible =
  /<!--[\s\S]*?(?:-->|$)|<(script|style|template|noscript|iframe|object|svg|math)\b[\s\S]*?(?:<\/\1\s*>|$)/gi

/**
 * The first of two guards: tags with attributes never reach the browser's parser, which would report each inline handler as a
 * violation of the page's policy. DOMPurify is the second.
 */
function withoutTags(html: string): string {
  return html.replace(invisible, '').replace(/<[^>]*>?/g, (tag) => (plainTags.test(tag) ? tag : ''))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** An image would be a request to somebody else's server: its description stands in its place, and leads there. */
function imageLink({ href, text }: Tokens.Image): string {
  return `<a class="image" href="${escaped(href)}">${escaped(text === '' ? href : text)}</a>`
}

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => withoutTags(text),
    image: imageLink,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
})

const allowed = {
  ALLOWED_TAGS: [
    ...[
      'a',
      'b',
      'blockquote',
      'br',
      'code',
      'del',
      'em',
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'hr',
      'i',
      'ins',
      'kbd',
      'li',
    ],
    ...['mark', 'ol', 'p', 'pre', 's', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul'],
  ],
  ALLOWED_ATTR: ['href', 'title', 'class', 'start', 'align'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  RETURN_DOM_FRAGMENT: true as const,
}

/** The page has a first heading of its own; below it no level is left out, whatever the author did. */
function orderHeadings(fragment: DocumentFragment): void {
  const open: number[] = [0]
  for (const heading of fragment.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const given = Number(heading.tagName[1])
    while (given <= (open.at(-1) ?? 0)) open.pop()
    open.push(given)
    const ordered = document.createElement(`h${Math.min(6, open.length)}`)
    ordered.append(...heading.childNodes)
    heading.replaceWith(ordered)
  }
}

/** Markdown as nodes that can do nothing: no scripts, no styles, no images, no addresses but http, https and mailto. */
export function renderMarkdown(text: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(marked.parse(text, { async: false }), allowed)
  for (const link of fragment.querySelectorAll('a')) {
    link.rel = 'noopener noreferrer nofollow'
    if (!link.hasAttribute('href')) link.replaceWith(...link.childNodes)
  }
  // A wide table or a long line of code scrolls by itself, by keyboard too.
  for (const wide of fragment.querySelectorAll('table, pre')) {
    const frame = document.createElement('div')
    frame.className = 'wide'
    frame.tabIndex = 0
    wide.replaceWith(frame)
    frame.append(wide)
  }
  orderHeadings(fragment)
  for (const block of fragment.children) block.setAttribute('dir', 'auto')
  return fragment
}
