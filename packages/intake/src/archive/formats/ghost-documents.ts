import { isObject, type JsonObject, listOf, objectOf, textOf } from './json-records.ts'

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const attribute = (text: string) => escapeHtml(text).replaceAll('"', '&quot;')

/** Lexical's bits of a text's format. */
const formats = [
  [1, 'strong'],
  [2, 'em'],
  [4, 's'],
  [16, 'code'],
] as const

/** Deeper than any editor nests. */
const maxDepth = 100

/** The editor's document since Ghost 5.50. Of a card that is not text its words are kept. */
export function lexicalToHtml(document: unknown): string {
  const root = objectOf(objectOf(document).root)
  return children(root, 0)
}

function children(node: JsonObject, depth: number): string {
  if (depth > maxDepth) return ''
  return listOf(node.children)
    .map((child) => lexicalNode(objectOf(child), depth + 1))
    .join('')
}

function lexicalNode(node: JsonObject, depth: number): string {
  const inner = () => children(node, depth)
  const tag = /^[a-z]+\d?$/.exec(textOf(node.tag) ?? '')?.[0]
  switch (node.type) {
    case 'text':
    case 'extended-text': {
      const bits = Number(node.format ?? 0)
      return formats.reduce(
        (html, [bit, name]) => (bits & bit ? `<${name}>${html}</${name}>` : html),
        escapeHtml(String(node.text ?? '')),
      )
    }
    case 'linebreak':
      return '<br>'
    case 'heading':
    case 'extended-heading':
      return `<${tag ?? 'h2'}>${inner()}</${tag ?? 'h2'}>`
    case 'quote':
    case 'extended-quote':
    case 'aside':
      return `<blockquote>${inner()}</blockquote>`
    case 'list':
      return `<${tag ?? 'ul'}>${inner()}</${tag ?? 'ul'}>`
    case 'listitem':
      return `<li>${inner()}</li>`
    case 'link':
    case 'autolink':
      return `<a href="${attribute(String(node.url ?? ''))}">${inner()}</a>`
    case 'horizontalrule':
      return '<hr>'
    case 'codeblock':
      return code(node)
    case 'image':
      return image(node)
    case 'html':
      return String(node.html ?? '')
    case 'markdown':
      return pre(node.markdown)
    default:
      return node.children === undefined ? card(node) : `<p>${inner()}</p>`
  }
}

/** The editor's document before that: sections of marked-up pieces, and cards. */
export function mobiledocToHtml(document: unknown): string {
  const { markups, cards, atoms, sections } = objectOf(document)
  return listOf(sections)
    .map((section) => {
      const [type, second, third] = listOf(section)
      const markers = (pieces: unknown) => mobiledocMarkers(listOf(pieces), listOf(markups), listOf(atoms))
      if (type === 1) {
        const tag = /^[a-z]+\d?$/.exec(String(second))?.[0] ?? 'p'
        return `<${tag}>${markers(third)}</${tag}>`
      }
      if (type === 2) return image({ src: second })
      if (type === 3) {
        const tag = second === 'ol' ? 'ol' : 'ul'
        const items = listOf(third).map((pieces) => `<li>${markers(pieces)}</li>`)
        return `<${tag}>${items.join('')}</${tag}>`
      }
      const [name, payload] = listOf(listOf(cards)[Number(second)])
      return mobiledocCard(String(name), objectOf(payload))
    })
    .join('')
}

function mobiledocMarkers(pieces: readonly unknown[], markups: readonly unknown[], atoms: readonly unknown[]): string {
  const open: string[] = []
  let html = ''
  for (const piece of pieces) {
    const [type, opened, closed, text] = listOf(piece)
    for (const at of listOf(opened)) {
      const [tag, attributes] = listOf(markups[Number(at)])
      const name = /^[a-z]+$/.exec(String(tag))?.[0] ?? 'span'
      const href = listOf(attributes)[0] === 'href' ? ` href="${attribute(String(listOf(attributes)[1]))}"` : ''
      html += `<${name}${href}>`
      open.push(name)
    }
    html +=
      type === 1 ? (listOf(atoms[Number(text)])[0] === 'soft-return' ? '<br>' : '') : escapeHtml(String(text ?? ''))
    for (let count = Number(closed ?? 0); count > 0; count--) html += `</${open.pop() ?? 'span'}>`
  }
  return html
}

function mobiledocCard(name: string, payload: JsonObject): string {
  if (name === 'html') return String(payload.html ?? '')
  if (name === 'markdown' || name === 'card-markdown') return pre(payload.markdown)
  if (name === 'code') return code(payload)
  if (name === 'image') return image(payload)
  return name === 'hr' ? '<hr>' : card(payload)
}

const code = ({ code: text, language }: JsonObject) =>
  `<pre><code class="language-${attribute(String(language ?? ''))}">${escapeHtml(String(text ?? ''))}</code></pre>`

/** Markdown inside the document: its lines as they are. */
const pre = (markdown: unknown) =>
  String(markdown ?? '')
    .split(/\n{2,}/)
    .map((part) => `<p>${escapeHtml(part).replaceAll('\n', '<br>')}</p>`)
    .join('')

function image({ src, alt, caption }: JsonObject): string {
  const figure = `<img src="${attribute(String(src ?? ''))}" alt="${attribute(String(alt ?? ''))}">`
  const words = textOf(caption)
  return `<figure>${figure}${words === undefined ? '' : `<figcaption>${words}</figcaption>`}</figure>`
}

/** Callouts, toggles, bookmarks, embeds and whatever comes next: their words and their address. */
function card(node: JsonObject): string {
  const words = ['heading', 'calloutText', 'title', 'content', 'description', 'html', 'caption', 'buttonText'].flatMap(
    (key) => textOf(node[key]) ?? [],
  )
  const metadata = isObject(node.metadata) ? node.metadata : {}
  const url = textOf(node.url) ?? textOf(metadata.url)
  const label = textOf(metadata.title) ?? url
  const link = url === undefined ? '' : `<p><a href="${attribute(url)}">${escapeHtml(label ?? '')}</a></p>`
  return words.map((text) => `<p>${text}</p>`).join('') + link
}
