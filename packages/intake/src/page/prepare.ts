import { idsFurniture, namesFurniture } from './boilerplate-words.ts'
import { flat, type HtmlDocument, type HtmlElement, nameOf } from './dom.ts'

const furnitureElements =
  'nav, dialog, template, [role=navigation], [role=banner], [role=contentinfo], [role=dialog], [role=alertdialog], [role=search], [role=menu], [role=menubar], [role=tooltip], [role=alert]'
/** Their ids are made of their headings. */
const slugged = new Set(['section', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'li', 'a', 'span', 'dt'])
/** The names that may hold an article in spite of their class: their content decides, in Readability. */
const never = new Set([
  'html',
  'head',
  'body',
  'main',
  'article',
  'pre',
  'code',
  'table',
  'tbody',
  'tr',
  'td',
  'figure',
  'h1',
  'p',
  'picture',
  'img',
])

/**
 * Takes furniture out before Readability looks for the article, which otherwise takes menus, share bars and the like along
 * whenever their container wins. An element that holds a fair part of the page's prose stays, whatever it is called.
 */
export function removeFurniture(document: HtmlDocument): void {
  forgetSlugs(document)
  const prose = proseMeter(document)
  const whole = prose(document.body)
  const mayGo = (element: HtmlElement): boolean => prose(element) <= Math.max(300, 0.15 * whole)
  for (const element of document.querySelectorAll(furnitureElements)) if (mayGo(element)) element.remove()
  for (const element of document.querySelectorAll('[class], [id]')) {
    const name = nameOf(element)
    if (never.has(name) || element.parentElement === null) continue
    const id = slugged.has(name) ? '' : (element.getAttribute('id') ?? '')
    if (!namesFurniture(element.getAttribute('class') ?? '') && !idsFurniture(id)) continue
    if (element.closest('pre, code') !== null) continue
    if (element.querySelector('h1, main, article > p') === null && mayGo(element)) element.remove()
  }
}

/** Readability takes `id="related-work"` for furniture, where a heading's words made the id. */
function forgetSlugs(document: HtmlDocument): void {
  for (const element of document.querySelectorAll('section[id], h1[id], h2[id], h3[id], h4[id], h5[id], h6[id]')) {
    element.removeAttribute('id')
  }
  for (const element of document.querySelectorAll('div[id]')) {
    const heading = element.children[0]
    if (heading === undefined || !/^h[1-6]$/.test(nameOf(heading))) continue
    const slug = flat(heading.textContent)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
    if (slug === element.getAttribute('id')) element.removeAttribute('id')
  }
}

/** Letters in paragraphs of at least a line; a link's do not count. */
function proseMeter(document: HtmlDocument): (element: HtmlElement) => number {
  const weights = new Map<HtmlElement, number>()
  for (const paragraph of document.querySelectorAll('p, pre, blockquote > div, td')) {
    if (nameOf(paragraph) === 'td' && paragraph.querySelector('p, table') !== null) continue
    const text = flat(paragraph.textContent)
    if (text.length < 80) continue
    let links = 0
    for (const link of paragraph.querySelectorAll('a')) links += flat(link.textContent).length
    const weight = text.length - links
    for (let at: HtmlElement | null = paragraph; at !== null; at = at.parentElement)
      weights.set(at, (weights.get(at) ?? 0) + weight)
  }
  return (element) => weights.get(element) ?? 0
}
