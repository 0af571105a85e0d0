import { Parser, parseDocument } from 'htmlparser2'
import { NodeHtmlMarkdown } from 'node-html-markdown'

/** A post's HTML is nested more deeply, or longer, than people write: parsers take minutes on such. */
export class HtmlLimitError extends Error {
  override readonly name = 'HtmlLimitError'
}

const limits = { characters: 5_000_000, elements: 20_000, depth: 250 }

const markdown = new NodeHtmlMarkdown({
  bulletMarker: '-',
  emDelimiter: '*',
  maxConsecutiveNewlines: 2,
  useInlineLinks: false,
  ignore: ['script', 'style', 'noscript', 'template', 'iframe', 'object', 'embed'],
})

/** Text that is Markdown already is none of HTML's business. */
export const hasMarkup = (text: string): boolean => /[<&]/.test(text)

/**
 * Takes the thread for as long as it takes, which is seconds for what is made for it: `createMarkdownThread` calls it in another one.
 * Block by block: the library looks back over all that it has written at each element.
 *
 * @throws HtmlLimitError
 */
export function htmlToMarkdown(html: string): string {
  if (!hasMarkup(html)) return html.trim()
  check(html)
  const parts = blocksOf(html).map((block) => markdown.translate(block).replace(/^ (?=\S)/, ''))
  return withoutPrograms(parts.filter((part) => part.trim() !== '').join('\n\n')).trim()
}

const containers = new Set(['html', 'body', 'div', 'section', 'article', 'main', 'header', 'footer', 'center'])
const blocks = new Set(
  'p pre blockquote ul ol dl table figure hr h1 h2 h3 h4 h5 h6 address aside details form nav'.split(' '),
)

type Node = ReturnType<typeof parseDocument>['children'][number]

/** Pieces of the source: each block by itself, and what stands between two of them, out of the elements that only hold such. */
function blocksOf(html: string): string[] {
  const pieces: string[] = []
  const walkChildren = (nodes: readonly Node[]): void => {
    let from: number | undefined
    let to = 0
    const flush = () => {
      if (from !== undefined) pieces.push(html.slice(from, to))
      from = undefined
    }
    for (const [at, node] of nodes.entries()) {
      const name = 'name' in node ? node.name : ''
      if (containers.has(name)) {
        flush()
        walkChildren('children' in node ? node.children : [])
        continue
      }
      if (blocks.has(name)) flush()
      from ??= node.startIndex ?? 0
      // An element that the next one ends, as `<p>` does, ends for the parser behind that one's name.
      to = Math.min((node.endIndex ?? html.length) + 1, nodes[at + 1]?.startIndex ?? html.length)
      if (blocks.has(name)) flush()
    }
    flush()
  }
  walkChildren(parseDocument(html, { withStartIndices: true, withEndIndices: true }).children)
  return pieces
}

/** Links that would run a program, or that hold a whole file, as their words. */
function withoutPrograms(text: string): string {
  const link = /\]\(\s*(?:javascript|vbscript|data):/gi
  const parts: string[] = []
  let done = 0
  for (let found = link.exec(text); found !== null; found = link.exec(text)) {
    const end = text.indexOf(')', link.lastIndex)
    if (end === -1) break
    const start = text.indexOf('[', Math.max(done, text.lastIndexOf(']', found.index - 1) + 1))
    if (start === -1 || start >= found.index) continue
    parts.push(text.slice(done, start), text.slice(start + 1, found.index))
    done = end + 1
    link.lastIndex = done
  }
  return [...parts, text.slice(done)].join('')
}

/**
 * Text without tags, entities decoded, white space folded.
 *
 * @throws HtmlLimitError
 */
export function htmlToText(html: string): string {
  if (!hasMarkup(html)) return html.replace(/\s+/g, ' ').trim()
  let text = ''
  let hidden = 0
  const isHidden = (name: string) => name === 'script' || name === 'style'
  walk(html, {
    onopentag: (name) => {
      if (isHidden(name)) hidden++
      if (name === 'br' || name === 'p' || name === 'div' || name === 'li') text += ' '
    },
    onclosetag: (name) => {
      if (isHidden(name)) hidden--
    },
    ontext: (piece) => {
      if (hidden === 0) text += piece
    },
  })
  return text.replace(/\s+/g, ' ').trim()
}

/** A streaming pass, which ends in time whatever it is given. */
function check(html: string): void {
  walk(html, {})
}

interface Handler {
  readonly onopentag?: (name: string, attributes: Record<string, string>) => void
  /** Implied: the source has no such tag. */
  readonly onclosetag?: (name: string, implied: boolean) => void
  readonly ontext?: (text: string) => void
}

/**
 * Reads HTML as a stream of tags.
 *
 * @throws HtmlLimitError
 */
export function walk(
  html: string,
  handler: Handler,
  { elements: maxElements = limits.elements, characters = limits.characters } = {},
): void {
  if (html.length > characters) throw new HtmlLimitError(`is longer than ${characters} characters`)
  let depth = 0
  let elements = 0
  const parser = new Parser({
    ...handler,
    onopentag(name, attributes) {
      elements++
      depth++
      if (depth > limits.depth) throw new HtmlLimitError(`is nested more than ${limits.depth} elements deep`)
      if (elements > maxElements) throw new HtmlLimitError(`has more than ${maxElements} elements`)
      handler.onopentag?.(name, attributes)
    },
    onclosetag(name, implied) {
      depth--
      handler.onclosetag?.(name, implied)
    },
  })
  parser.write(html)
  parser.end()
}
