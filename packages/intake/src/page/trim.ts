import { type Block, blocksOf, isProse, linkShare, removeBlock, weightOf } from './blocks.ts'
import {
  isByline,
  isFurnitureLine,
  isStamp,
  isTrailer,
  namesCaption,
  namesFurniture,
  pointsElsewhere,
} from './boilerplate-words.ts'
import { flat, type HtmlElement, nameOf } from './dom.ts'

export interface Known {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly byline?: string | undefined
  readonly siteName?: string | undefined
  /** The page's own host: a list of links to others is the writer's, one to itself is the site's. */
  readonly host?: string | undefined
}

/** Takes out of an article's elements what is not its text: what comes before its first sentence, after its last, and between. */
export function trim(root: HtmlElement, known: Known): void {
  const blocks = blocksOf(root)
  const dropped = new Set<Block>()
  const drop = (from: number, to: number): void => {
    for (const block of blocks.slice(from, to)) dropped.add(block)
  }
  const start = findStart(blocks, known)
  drop(0, start)
  dropLines(blocks, dropped)
  dropLinkLists(blocks, dropped, known)
  dropAfterEnd(blocks, dropped)
  dropEnd(blocks, dropped, known)
  dropBareHeadings(blocks, dropped)
  // A rule that takes most of a text away has misread it.
  const weight = (all: Iterable<Block>): number => [...all].reduce((sum, { text }) => sum + weightOf(text), 0)
  if (weight(dropped) > 0.6 * weight(blocks)) return
  for (const block of dropped) removeBlock(block)
}

const isHeading = (block: Block): boolean => /^h[1-6]$/.test(nameOf(block.parent))
export const isCaption = (block: Block): boolean =>
  block.parent.closest('figcaption') !== null ||
  namesCaption(
    `${block.parent.getAttribute('class') ?? ''} ${block.parent.parentElement?.getAttribute('class') ?? ''}`,
  ) ||
  (block.nodes.length > 0 &&
    block.nodes.every((node) => node.nodeType !== 3 || flat(node.textContent) === '') &&
    everyCaption(block))
const everyCaption = (block: Block): boolean =>
  block.nodes.every(
    (node) =>
      node.nodeType !== 1 ||
      namesCaption((node as HtmlElement).getAttribute('class') ?? '') ||
      flat(node.textContent) === '',
  )
const isQuoteOrCode = (block: Block): boolean => block.parent.closest('pre, code, table, blockquote') !== null

const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

/** The number of blocks before the text begins: menus, the title, the standfirst, the by-line, the first picture's words. */
function findStart(blocks: readonly Block[], { title, description, byline }: Known): number {
  const titleLetters = letters(title ?? '')
  const descriptionLetters = letters(description ?? '')
  let start = 0
  let seen = 0
  const whole = blocks.reduce((sum, { text }) => sum + weightOf(text), 0)
  for (const [at, block] of blocks.entries()) {
    const own = letters(block.text)
    const isTitle =
      titleLetters.length > 8 &&
      (own === titleLetters ||
        (isHeading(block) && own.length > 8 && (titleLetters.startsWith(own) || own.startsWith(titleLetters))))
    const line = block.text
    // The by-line ends the head of a piece: the standfirst above it is not its text.
    if (
      isTitle ||
      (!isHeading(block) && (isStamp(line) || (seen < 250 && isByline(line)))) ||
      (byline !== undefined && line.length < 80 && letters(line).replace(/^by/, '') === letters(byline))
    )
      start = at + 1
    if (isProse(block) && !isCaption(block)) seen += weightOf(line)
    if (seen > Math.min(700, 0.3 * whole) || at > 60) break
  }
  // What precedes the first sentence and is no sentence itself; a heading that stands right before it stays.
  for (let at = start; at < blocks.length; at++) {
    const block = blocks[at] as Block
    if (isCaption(block) || isDescription(block, descriptionLetters, blocks, at)) {
      if (start === at) start = at + 1
      continue
    }
    if (
      isProse(block) ||
      isQuoteOrCode(block) ||
      isHeading(block) ||
      nameOf(block.parent) === 'li' ||
      block.parent.closest('li') !== null
    )
      break
    if (isFurnitureLine.test(block.text) || linkShare(block) > 0.8 || isByline(block.text)) {
      if (start === at) start = at + 1
      continue
    }
    break
  }
  return start
}

/** A standfirst: the description word for word, in an element apart from the paragraphs. */
function isDescription(block: Block, description: string, blocks: readonly Block[], at: number): boolean {
  if (description.length < 20 || letters(block.text) !== description) return false
  if (isHeading(block)) return true
  const next = blocks.slice(at + 1).find((each) => isProse(each) && !isCaption(each))
  return (
    next !== undefined &&
    (next.parent.parentElement !== block.parent.parentElement || nameOf(next.parent) !== nameOf(block.parent))
  )
}

function dropLines(blocks: readonly Block[], dropped: Set<Block>): void {
  for (const block of blocks) {
    const { text } = block
    if (isQuoteOrCode(block) && block.parent.closest('blockquote') === null) continue
    // A heading falls with what stands below it; an item of a list may be any word.
    if (isHeading(block)) continue
    const isItem = block.parent.closest('li') !== null && linkShare(block) < 0.5
    if (text.length <= 220 && !isItem && isFurnitureLine.test(text)) dropped.add(block)
    else if (text.length <= 200 && pointsElsewhere.test(text) && (linkShare(block) > 0.4 || /[:\]]$/.test(text)))
      dropped.add(block)
    else if (isLoneLink(block)) dropped.add(block)
    else if (text.length < 400 && ownFurniture(block)) dropped.add(block)
  }
}

const ownFurniture = (block: Block): boolean => {
  const name = nameOf(block.parent)
  return name !== 'td' && name !== 'th' && namesFurniture(block.parent.getAttribute('class') ?? '')
}

/** A paragraph that is one link in capitals, between others: a teaser of another piece. */
function isLoneLink(block: Block): boolean {
  const name = nameOf(block.parent)
  if (name === 'li' || name === 'td' || name === 'th' || isHeading(block) || linkShare(block) < 0.9) return false
  const { text } = block
  return text.length > 12 && text === text.toUpperCase() && text !== text.toLowerCase()
}

/** Runs of links in lists or lines of their own, after a heading or a line that says so, or at an end. */
function dropLinkLists(blocks: readonly Block[], dropped: Set<Block>, { host }: Known): void {
  const leadsAway = (href: string): boolean => {
    const to = URL.parse(href)?.hostname
    return to !== undefined && host !== undefined && to.replace(/^www\./, '') !== host.replace(/^www\./, '')
  }
  const isLink = (block: Block | undefined): boolean =>
    block !== undefined && linkShare(block) > 0.75 && !isQuoteOrCode(block)
  for (let at = 0; at < blocks.length; at++) {
    if (!isLink(blocks[at])) continue
    let end = at
    while (isLink(blocks[end]) || (dropped.has(blocks[end] as Block) && end < blocks.length)) end++
    const before = blocks[at - 1]
    const announced =
      before !== undefined &&
      (dropped.has(before) || pointsElsewhere.test(before.text) || announces.test(before.text)) &&
      before.text.length < 80
    const atEnd = !blocks.slice(end).some((block) => isProse(block) && !dropped.has(block))
    const atStart = !blocks.slice(0, at).some((block) => isProse(block) && !dropped.has(block))
    const hrefs = blocks.slice(at, end).flatMap((block) => block.hrefs)
    const isOwn = hrefs.filter(leadsAway).length * 2 > hrefs.length
    const isTold = before !== undefined && (dropped.has(before) || pointsElsewhere.test(before.text))
    if (isOwn ? isTold && before.text.length < 80 : announced || atEnd || atStart) {
      for (const block of blocks.slice(announced ? at - 1 : at, end)) dropped.add(block)
    }
    at = end
  }
}

const announces =
  /\b(?:related|recommended|trending|popular|more (?:stories|news|articles|from|on|great|coverage)|read (?:more|next|also)|don['’]t miss|also (?:on|read|see)|you may|you might|latest|favorites?|favourites?|gift guides?|guides|top stories|headlines)\b/i

const closes =
  /^(?:(?:\d+ )?comments?(?=\P{L}*$)|related (?:articles?|stories|posts?|news|content|coverage)|(?:read )?more (?:great )?(?:\S+ )?(?:stories|articles|posts|news)|want more (?:stories|articles|news)|you (?:may|might) (?:also )?(?:like|enjoy|be interested)|recommended (?:for you|reading|articles|stories)|what to read next|read next|trending(?: now)?|most (?:read|popular|viewed)|popular (?:posts|articles|stories|now)|from around the web|leave a (?:reply|comment)|отзывы|комментарии|читайте также|(?:kommentare|commentaires|comentarios|comentários|commenti)(?=\P{L}*$)|das könnte sie auch interessieren|weitere artikel|mehr zum thema|à lire aussi|sur le même sujet|te puede interesar|veja também|leia também|関連記事|相关阅读|相关文章)\b/iu

/** A line that opens the list of other pieces or of comments, in the text's second half: all that follows belongs to it. */
function dropAfterEnd(blocks: readonly Block[], dropped: Set<Block>): void {
  const whole = blocks.reduce((sum, { text }) => sum + weightOf(text), 0)
  let before = 0
  for (const [at, block] of blocks.entries()) {
    if (before > 0.3 * whole && block.text.length < 70 && closes.test(`${block.text} `) && !isQuoteOrCode(block)) {
      const rest = blocks.slice(at + 1)
      const linked = rest.filter(({ links }) => links > 0).length
      if (rest.length === 0 || linked >= 0.3 * rest.length) {
        for (const each of blocks.slice(at)) dropped.add(each)
        return
      }
    }
    before += weightOf(block.text)
  }
}

/** The tail: bios, thanks, invitations, links, from the last block upward to the last sentence. */
function dropEnd(blocks: readonly Block[], dropped: Set<Block>, { byline }: Known): void {
  let seen = 0
  for (let at = blocks.length - 1; at >= 0 && seen < 6; at--) {
    const block = blocks[at] as Block
    if (dropped.has(block)) continue
    const { text } = block
    if (isQuoteOrCode(block)) break
    const bio =
      byline !== undefined &&
      byline.length > 4 &&
      text.length < 600 &&
      letters(text).startsWith(letters(byline)) &&
      (/\b(?:is|was|has|covers|writes|joined)\b/.test(text) || text.length < 60)
    if (isCaption(block)) continue
    if (isTrailer.test(text) || bio || (linkShare(block) > 0.75 && nameOf(block.parent) !== 'li') || isStamp(text))
      dropped.add(block)
    else seen++
  }
}

/** A heading with nothing under it. */
function dropBareHeadings(blocks: readonly Block[], dropped: Set<Block>): void {
  for (const [at, block] of blocks.entries()) {
    const below = blocks[at + 1]
    if (isHeading(block) && isFurnitureLine.test(block.text) && (below === undefined || dropped.has(below)))
      dropped.add(block)
  }
  let empty = true
  for (let at = blocks.length - 1; at >= 0; at--) {
    const block = blocks[at] as Block
    if (dropped.has(block)) continue
    if (isHeading(block) && empty) dropped.add(block)
    else if (!isHeading(block)) empty = false
    if (!isHeading(block) && !isCaption(block)) break
  }
}
