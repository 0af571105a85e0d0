import { Readability } from '@mozilla/readability'
import { blocksOf, isProse, linkShare, weightOf } from './blocks.ts'
import { type HtmlDocument, type HtmlElement, parseDocument } from './dom.ts'
import { removeFurniture } from './prepare.ts'
import { prepareCode } from './prepare-code.ts'
import { isCaption, type Known, trim } from './trim.ts'

export interface Found {
  readonly root: HtmlElement
  /** A block a line, captions left out: they stay in the Markdown. */
  readonly text: string
  readonly weight: number
  /** Letters in sentences. */
  readonly prose: number
  readonly linkShare: number
}

/**
 * The article's element of a page. Readability over the page without its furniture; where that is a small part of the page's
 * sentences, Readability over the page as it is; where it finds nothing, the page's main element.
 */
export function findArticle(
  document: HtmlDocument,
  again: () => HtmlDocument,
  known: Known,
  proseOfPage: number,
): Found | undefined {
  const main = mainOf(document)
  removeFurniture(document)
  const first = read(document, known)
  if (first !== undefined && first.prose >= 0.35 * proseOfPage) return first
  const whole = again()
  const second = read(whole, known)
  const better = [first, second].filter((found) => found !== undefined).sort((a, b) => b.prose - a.prose)[0]
  // Of two answers, the furniture's removal is trusted unless it cost half the text.
  const chosen = first !== undefined && better !== undefined && first.prose * 2 >= better.prose ? first : better
  if (chosen !== undefined && chosen.weight >= 100) return chosen
  const plain = again()
  removeFurniture(plain)
  const root = (main === undefined ? undefined : plain.querySelector(main)) ?? plain.body
  const third = measured(root, known)
  return chosen === undefined || third.weight > chosen.weight ? third : chosen
}

const mainOf = (document: HtmlDocument): string | undefined =>
  ['article', '[itemprop~=articleBody]', 'main', '[role=main]', '#content', '.content'].find(
    (selector) => document.querySelectorAll(selector).length === 1,
  )

function read(document: HtmlDocument, known: Known): Found | undefined {
  const reader = new Readability<HtmlElement>(document as never, {
    keepClasses: true,
    disableJSONLD: true,
    serializer: (node) => node as unknown as HtmlElement,
  })
  const found = reader.parse()?.content
  return found ? measured(found, known) : undefined
}

function measured(root: HtmlElement, known: Known): Found {
  trim(root, known)
  const blocks = blocksOf(root).filter((block) => !isCaption(block))
  const total = blocks.reduce((sum, { text }) => sum + text.length, 0)
  return {
    root,
    text: blocks.map(({ text }) => text).join('\n'),
    weight: blocks.reduce((sum, { text }) => sum + weightOf(text), 0),
    prose: blocks.filter(isProse).reduce((sum, { text }) => sum + weightOf(text), 0),
    linkShare: blocks.reduce((sum, block) => sum + linkShare(block) * block.text.length, 0) / Math.max(1, total),
  }
}

/** A text that came beside the page's elements, as JSON-LD's `articleBody`: HTML, or lines. */
export function articleOfText(text: string): Found {
  const html = /<\/?(?:p|div|br|h\d|ul)\b/i.test(text)
    ? text
    : text
        .split(/\n+/)
        .map((line) => `<p>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`)
        .join('')
  const document = parseDocument(html)
  prepareCode(document)
  return measured(document.body, {})
}
