import { Parser } from 'htmlparser2'
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

/** @throws HtmlLimitError */
export function htmlToMarkdown(html: string): string {
  if (!/[<&]/.test(html)) return html.trim()
  check(html)
  return markdown
    .translate(html)
    .replace(/\[([^\]]*)\]\(\s*(?:javascript|vbscript|data):[^)]*\)/gi, '$1')
    .trim()
}

/**
 * Text without tags, entities decoded, white space folded.
 *
 * @throws HtmlLimitError
 */
export function htmlToText(html: string): string {
  if (!/[<&]/.test(html)) return html.replace(/\s+/g, ' ').trim()
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
