import { renderMarkdown } from './markdown.ts'

/** Letters and digits alone: markup, white space and punctuation differ between the stored text and the shown one. */
const significant = /[\p{L}\p{N}]/u
const edgeLength = 40

/**
 * Wraps the words of a piece of Markdown in `<mark>`, wherever they stand in what was rendered from all of it. False where they
 * are not there.
 */
export function markPassage(rendered: DocumentFragment, markdown: string, about = 0): boolean {
  const there = lettersOf(rendered)
  const found = findIn(there, markdown, about)
  if (found === undefined) return false
  wrap(there.nodes, found.first, found.last)
  return true
}

/** The places of several pieces of Markdown in what is shown; of each its share of the whole text, from 0 to 1, says about where. */
export function rangesOf(shown: Node, passages: readonly { markdown: string; about: number }[]): Range[] {
  const there = lettersOf(shown)
  return passages.flatMap(({ markdown, about }) => {
    const { first, last } = findIn(there, markdown, about) ?? {}
    const [from, to] = [there.nodes[first?.node ?? -1], there.nodes[last?.node ?? -1]]
    if (from === undefined || to === undefined || first === undefined || last === undefined) return []
    const range = document.createRange()
    range.setStart(from, first.offset)
    range.setEnd(to, last.offset + 1)
    return [range]
  })
}

function findIn(there: Letters, markdown: string, about: number): { first: Place; last: Place } | undefined {
  const words = lettersOf(renderMarkdown(markdown))
  if (words.text === '') return undefined
  const [from, to] = find(there.text, words.text, Math.floor(there.text.length * about)) ?? []
  const [first, last] = [there.places[from ?? -1], there.places[(to ?? 0) - 1]]
  return first === undefined || last === undefined ? undefined : { first, last }
}

interface Place {
  readonly node: number
  readonly offset: number
}

interface Letters {
  readonly text: string
  readonly nodes: readonly Text[]
  /** Of each letter. */
  readonly places: readonly Place[]
}

function lettersOf(root: Node): Letters {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const nodes: Text[] = []
  const places: Place[] = []
  let text = ''
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    for (let offset = 0; offset < node.data.length; offset++) {
      const letter = node.data[offset] ?? ''
      if (!significant.test(letter)) continue
      text += letter
      places.push({ node: nodes.length, offset })
    }
    nodes.push(node)
  }
  return { text, nodes, places }
}

/** The occurrence nearest to where it should be; where a cut went through markup, by both edges. */
function find(text: string, words: string, near: number): [from: number, to: number] | undefined {
  const whole = nearest(text, words, near)
  if (whole !== undefined) return [whole, whole + words.length]
  const head = nearest(text, words.slice(0, edgeLength), near)
  if (head === undefined) return undefined
  const end = words.slice(-edgeLength)
  const tail = text.indexOf(end, head)
  const isTooFar = tail < 0 || tail - head > 2 * words.length
  return [head, isTooFar ? head + Math.min(edgeLength, words.length) : tail + end.length]
}

function nearest(text: string, words: string, near: number): number | undefined {
  const after = text.indexOf(words, Math.max(0, near - words.length))
  const before = text.lastIndexOf(words, near)
  const found = [after, before].filter((at) => at >= 0)
  return found.sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0]
}

function wrap(nodes: readonly Text[], first: Place, last: Place): void {
  for (let index = first.node; index <= last.node; index++) {
    const node = nodes[index] as Text
    const start = index === first.node ? first.offset : 0
    const end = index === last.node ? last.offset + 1 : node.data.length
    if (node.data.slice(start, end).trim() === '') continue
    const range = document.createRange()
    range.setStart(node, start)
    range.setEnd(node, end)
    range.surroundContents(document.createElement('mark'))
  }
}
