import { Parser } from 'htmlparser2'
import { blocksOf } from './blocks.ts'
import { parseDocument } from './dom.ts'
import { type Footnote, takeFootnotes } from './footnotes.ts'
import { toMarkdown, withNotes } from './markdown.ts'
import { prepareCode } from './prepare-code.ts'
import { survey } from './survey.ts'
import { tidy } from './tidy.ts'

/** A piece of HTML that is an article already, such as a feed's entry, as Markdown and as text. HTML over a page's limits is read as text. */
export function htmlToMarkdown(html: string, url: string): { markdown: string; text: string } {
  if (!/[<&]/.test(html)) return { markdown: html.trim(), text: html.trim() }
  if (survey(html).over !== undefined) {
    const text = textOfHtml(html)
    return { markdown: text, text }
  }
  const document = parseDocument(`<html><body>${html.replace(/[\0\uE000\uE001]/g, '')}</body></html>`)
  if (/<pre|<math|katex|mathjax/i.test(html)) prepareCode(document)
  const footnotes: Footnote[] = /href\s*=\s*["']?#/i.test(html) ? takeFootnotes(document) : []
  tidy(document, document.body, url)
  const text = blocksOf(document.body)
    .map((block) => block.text)
    .join('\n')
    .replace(/\uE000[^\uE001]{0,20}\uE001/g, '')
  const notes = footnotes.map(({ label, element }) => {
    tidy(document, element, url)
    return { label, markdown: toMarkdown(element) }
  })
  return { markdown: withNotes(toMarkdown(document.body), notes), text }
}

/** The letters of HTML, on one line: tags left out, entities read. */
export function textOfHtml(html: string): string {
  const parts: string[] = []
  let silent = 0
  const parser = new Parser({
    onopentag: (name) => {
      if (name === 'script' || name === 'style') silent++
      else if (/^(?:p|div|br|li|h\d|td)$/.test(name)) parts.push(' ')
    },
    onclosetag: (name) => {
      if (name === 'script' || name === 'style') silent--
    },
    ontext: (text) => {
      if (silent === 0) parts.push(text)
    },
  })
  parser.end(html.slice(0, 200_000))
  return parts.join('').replace(/\s+/g, ' ').trim()
}
