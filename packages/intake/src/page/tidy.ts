import { namesCaption } from './boilerplate-words.ts'
import { flat, type HtmlDocument, type HtmlElement, nameOf } from './dom.ts'
import { absolute } from './metadata.ts'

/** Makes an article's elements ready for Markdown: addresses absolute, no script in them, lists numbered, captions named so. */
export function tidy(document: HtmlDocument, root: HtmlElement, url: string): void {
  for (const link of root.querySelectorAll('a[href]')) tidyLink(link, url)
  for (const image of root.querySelectorAll('img')) tidyImage(image, url)
  for (const frame of root.querySelectorAll('iframe, embed')) frameToLink(document, frame, url)
  for (const list of root.querySelectorAll('ol')) number(list)
  for (const element of root.querySelectorAll('[class]')) {
    if (/^(?:p|div|span|small|cite|dd)$/.test(nameOf(element)) && namesCaption(element.getAttribute('class') ?? ''))
      rename(document, element, 'figcaption')
  }
  for (const table of root.querySelectorAll('table')) {
    if (isLayout(table)) unwrapTable(document, table)
    else liftCaption(document, table)
  }
}

function tidyLink(link: HtmlElement, url: string): void {
  const href = link.getAttribute('href') ?? ''
  const whole = href.startsWith('#') ? undefined : /^mailto:[^\s]+$/i.test(href) ? href : absolute(href, url)
  // A link around an image that leads to the same image says nothing.
  if (whole === undefined || flat(link.textContent) === '') {
    if (whole === undefined || link.querySelector('img') === null) {
      unwrap(link)
      return
    }
  }
  link.setAttribute('href', whole.replace(/[\s<>]/g, encodeURIComponent))
  link.removeAttribute('title')
}

function tidyImage(image: HtmlElement, url: string): void {
  const lazy = ['data-src', 'data-original', 'data-lazy-src', 'data-hi-res-src'].map((name) => image.getAttribute(name))
  const set = (image.getAttribute('srcset') ?? image.getAttribute('data-srcset'))?.trim().split(/\s/)[0]
  const own = image.getAttribute('src')
  const src = [own?.startsWith('data:') ? undefined : own, ...lazy, set]
    .map((each) => absolute(each, url))
    .find((each) => each !== undefined)
  const dot = ['width', 'height'].some((side) => /^[01]$/.test(image.getAttribute(side) ?? ''))
  if (src === undefined || dot) {
    image.remove()
    return
  }
  image.setAttribute(
    'src',
    src.replace(/[\s<>()]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  )
  image.setAttribute('alt', flat(image.getAttribute('alt')).replace(/[[\]]/g, ''))
  image.removeAttribute('title')
}

function frameToLink(document: HtmlDocument, frame: HtmlElement, url: string): void {
  const src = absolute(frame.getAttribute('src'), url)
  if (src === undefined) {
    frame.remove()
    return
  }
  const [paragraph, link] = [document.createElement('p'), document.createElement('a')]
  link.setAttribute('href', src)
  link.textContent = flat(frame.getAttribute('title')) || new URL(src).hostname.replace(/^www\./, '')
  paragraph.append(link)
  frame.replaceWith(paragraph)
}

function number(list: HtmlElement): void {
  const items = [...list.children].filter((child) => nameOf(child) === 'li')
  const whole = (text: string | null): number | undefined => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : undefined)
  const backwards = list.hasAttribute('reversed')
  let at = whole(list.getAttribute('start')) ?? (backwards ? items.length : 1)
  for (const item of items) {
    at = whole(item.getAttribute('value')) ?? at
    item.setAttribute('data-number', String(at))
    at += backwards ? -1 : 1
  }
}

/** A table of one column, of one row, or around another table, is a frame. */
function isLayout(table: HtmlElement): boolean {
  if (table.querySelector('table') !== null) return true
  if (table.querySelector('th, caption') !== null) return false
  const rows = [...table.querySelectorAll('tr')]
  return (
    rows.length < 2 ||
    rows.every(({ children }) => children.length < 2) ||
    table.querySelector('pre, h2, h3, blockquote') !== null
  )
}

function unwrapTable(document: HtmlDocument, table: HtmlElement): void {
  for (const element of [...table.querySelectorAll('tbody, thead, tfoot, tr, td, th, caption'), table]) {
    if (element === table || element.closest('table') === table) rename(document, element, 'div')
  }
}

/** A line right above a table would be its first row. */
function liftCaption(document: HtmlDocument, table: HtmlElement): void {
  const caption = table.querySelector('caption')
  if (caption === null) return
  const [holder, paragraph, strong] = [
    document.createElement('div'),
    document.createElement('p'),
    document.createElement('strong'),
  ]
  strong.append(...caption.childNodes)
  paragraph.append(strong)
  caption.remove()
  table.replaceWith(holder)
  holder.append(paragraph, table)
}

function rename(document: HtmlDocument, element: HtmlElement, name: string): void {
  const other = document.createElement(name)
  other.append(...element.childNodes)
  element.replaceWith(other)
}

function unwrap(element: HtmlElement): void {
  element.replaceWith(...element.childNodes)
}
