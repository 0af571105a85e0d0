import { NodeHtmlMarkdown, PostProcessResult } from 'node-html-markdown'
import { type HtmlElement, isElement, nameOf } from './dom.ts'
import { footnoteMark } from './footnotes.ts'

/** The library's own type hangs on whether the program that imports it knows a browser's elements. */
interface MarkdownElement {
  readonly textContent: string
  readonly tagName: string
  getAttribute(name: string): string | undefined
}
const asElement = <Node>(node: Node) => node as unknown as Node extends undefined ? undefined : MarkdownElement

/** A cell ends with ` |`: the library escapes the first `|` in a cell, and no other. */
const cell = {
  surroundingNewlines: false as const,
  preserveIfEmpty: true,
  prefix: ' ',
  postfix: ' |',
  postprocess: ({ content }: { content: string }) =>
    content
      .replace(/\s*\n\s*/g, ' ')
      .trim()
      .replace(/(?<!\\)\|/g, '\\|'),
}

const open = (): NodeHtmlMarkdown => {
  const made = new NodeHtmlMarkdown(
    {
      bulletMarker: '-',
      ignore: ['script', 'style', 'button', 'svg', 'input', 'select', 'textarea', 'iframe', 'object', 'template'],
    },
    {
      pre: ({ node }) => {
        const text = asElement(node).textContent.replace(/^\n+/, '').trimEnd()
        const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks: string) => ticks.length))
        const fence = '`'.repeat(longest + 1)
        const language = asElement(node).getAttribute('data-language') ?? ''
        return { content: `${fence}${language}\n${text}\n${fence}`, recurse: false, surroundingNewlines: 2 }
      },
      // The library's own indentation is that of bullets, and joins a code block's lines; this one is right for every list.
      li: ({ node, listKind, listItemNumber }) => ({
        prefix: listKind === 'OL' ? `${asElement(node).getAttribute('data-number') ?? listItemNumber}. ` : '- ',
        surroundingNewlines: 1,
        postprocess: ({ content }) =>
          content.trim() === '' ? PostProcessResult.RemoveNode : content.trim().replace(/\n(?=[^\n])/g, '\n    '),
      }),
      'ol,ul': ({ parent }) => ({ surroundingNewlines: asElement(parent)?.tagName === 'LI' ? 1 : 2 }),
      figcaption: () => ({
        surroundingNewlines: 2,
        postprocess: ({ content }) => {
          const line = content
            .replace(/\s+/g, ' ')
            .replace(/(?<!\\)_/g, '')
            .trim()
          return line === '' ? PostProcessResult.RemoveNode : `_${line}_`
        },
      }),
      dt: { surroundingNewlines: 2, prefix: '**', postfix: '**', postprocess: ({ content }) => content.trim() },
      dd: { surroundingNewlines: 2 },
    },
  )
  for (const translators of [made.tableTranslators, made.tableRowTranslators]) translators.set('th,td', cell)
  return made
}

let converter: NodeHtmlMarkdown | undefined

const containers = new Set(['div', 'section', 'article', 'main', 'body', 'center', 'header'])
const blocks = new Set([
  'p',
  'pre',
  'blockquote',
  'ul',
  'ol',
  'dl',
  'table',
  'figure',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'details',
])

/**
 * The content of an element that `tidy` has been over, as Markdown. Block by block: the library looks back over all that it has
 * written at each element, and takes 5 s for 3,000 paragraphs at once.
 */
export function toMarkdown(root: HtmlElement): string {
  converter ??= open()
  const parts: string[] = []
  let html = ''
  const flush = (): void => {
    if (html.trim() !== '') parts.push((converter as NodeHtmlMarkdown).translate(html))
    html = ''
  }
  const walk = (element: HtmlElement): void => {
    for (const child of element.childNodes) {
      const name = isElement(child) ? nameOf(child) : ''
      if (containers.has(name) || blocks.has(name)) flush()
      if (containers.has(name)) walk(child as HtmlElement)
      else html += child.toString()
      if (containers.has(name) || blocks.has(name)) flush()
    }
  }
  walk(root)
  flush()
  // Two spaces at a line's end are a line break; one is nothing.
  return parts
    .map((part) => part.replace(/(\S) (?=\n)/g, '$1').trim())
    .filter((part) => part !== '')
    .join('\n\n')
}

/** `[^1]` where the text refers to a note, and the notes that are referred to at its end. */
export function withNotes(
  body: string,
  notes: readonly { readonly label: string; readonly markdown: string }[],
): string {
  const lines = notes
    .filter(({ label }) => body.includes(footnoteMark(label)))
    .map(({ label, markdown }) => `[^${label}]: ${markdown.replace(/\n(?=[^\n])/g, '\n    ')}`)
  const marked = body.replace(/\s?\uE000([^\uE001]{1,20})\uE001/g, '[^$1]').replace(/[\uE000\uE001]/g, '')
  return [marked, lines.join('\n')].filter(Boolean).join('\n\n')
}
