import { flat, type HtmlElement, type HtmlNode, isElement, isText, nameOf } from './dom.ts'

/** A run of inline nodes between two block boundaries: a paragraph, a heading, a list item's line, a table's cell. */
export interface Block {
  readonly parent: HtmlElement
  readonly nodes: readonly HtmlNode[]
  readonly text: string
  readonly linkChars: number
  readonly links: number
  /** Where its links lead. */
  readonly hrefs: readonly string[]
}

const blockNames = new Set(
  `address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
  header hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul iframe video audio`.split(
    /\s+/,
  ),
)
const silent = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'head',
  'button',
  'select',
  'textarea',
  'object',
])

export function blocksOf(root: HtmlElement): Block[] {
  const blocks: Block[] = []
  const holdsBlocks = holderTest()
  const walk = (parent: HtmlElement): void => {
    let run: HtmlNode[] = []
    const flush = (): void => {
      const block = readRun(parent, run)
      if (block !== undefined) blocks.push(block)
      run = []
    }
    for (const child of parent.childNodes) {
      if (!isElement(child)) {
        if (isText(child)) run.push(child)
      } else if (nameOf(child) === 'br') flush()
      else if (silent.has(nameOf(child))) continue
      else if (holdsBlocks(child)) {
        flush()
        walk(child)
      } else run.push(child)
    }
    flush()
  }
  walk(root)
  return blocks
}

/** A block, or an inline element around one, as in `<a><div>`. */
function holderTest(): (element: HtmlElement) => boolean {
  const known = new Map<HtmlElement, boolean>()
  const holds = (element: HtmlElement): boolean => {
    const before = known.get(element)
    if (before !== undefined) return before
    let found = blockNames.has(nameOf(element))
    if (!found) for (const child of element.children) if (holds(child)) found = true
    known.set(element, found)
    return found
  }
  return holds
}

function readRun(parent: HtmlElement, nodes: readonly HtmlNode[]): Block | undefined {
  let text = ''
  let linkChars = 0
  let links = 0
  const hrefs: string[] = []
  const collect = (node: HtmlNode, inLink: boolean): void => {
    if (isText(node)) {
      text += node.data
      if (inLink) linkChars += flat(node.data).length
    } else if (isElement(node)) {
      const name = nameOf(node)
      if (silent.has(name)) return
      if (name === 'br') text += ' '
      const isLink = name === 'a' && node.hasAttribute('href')
      if (isLink) {
        links++
        hrefs.push(node.getAttribute('href') ?? '')
      }
      for (const child of node.childNodes) collect(child, inLink || isLink)
    }
  }
  const inLink = parent.closest('a[href]') !== null
  for (const node of nodes) collect(node, inLink)
  const line = flat(text)
  return line === ''
    ? undefined
    : { parent, nodes, text: line, linkChars: inLink ? line.length : linkChars, links: links + (inLink ? 1 : 0), hrefs }
}

const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu

/** Letters as a Latin text would need them: a Chinese sentence is a third as long. */
export const weightOf = (text: string): number => text.length + 2 * (text.match(wide)?.length ?? 0)

export const linkShare = (block: Block): number => block.linkChars / Math.max(1, block.text.length)

/** A sentence or more, which is not a link. */
export function isProse(block: Block): boolean {
  if (linkShare(block) > 0.5) return false
  const weight = weightOf(block.text)
  return weight >= 100 || (weight >= 40 && /[.!?…。！？:;]["'”’»)\]]*$/.test(block.text))
}

/** Takes a block out, and the elements that held nothing else. */
export function removeBlock(block: Block): void {
  for (const node of block.nodes) node.remove()
  let holder: HtmlElement | null = block.parent
  while (
    holder?.parentElement &&
    flat(holder.textContent) === '' &&
    holder.querySelector('img, picture, video, iframe, audio, hr') === null
  ) {
    const next: HtmlElement | null = holder.parentElement
    if (holder.parentElement.parentElement === null) break
    holder.remove()
    holder = next
  }
}
