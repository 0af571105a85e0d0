import { Lexer, type Token } from 'marked'

/** Quotes and lists inside of each other that people write; the lexer calls itself for each one. */
const deepest = 40
/** Characters. The lexer's work on emphasis, links and code inside of a block goes by the square of the block's length. */
const [longestBlock, longestCut] = [5000, 2500]
/** What opens a quote or an item at a line's beginning, as often as it stands there. */
const openers = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/gm
const opener = />|[-*+]|\d+[.)]/g
/** An item's mark behind an indent that no list within a list has. */
const deepItem = new RegExp(`^[ \\t]{${2 * deepest},}(?:[-*+]|\\d{1,9}[.)])[ \\t]`, 'm')

/**
 * The tokens of a Markdown text with LF line ends. A block of more than 5,000 characters is read in parts. Undefined where quotes or
 * lists are nested deeper than anybody writes them: such a text is no Markdown.
 */
export function lex(text: string): readonly Token[] | undefined {
  if (isDeep(text)) return undefined
  const lexer = new Lexer()
  try {
    lexer.blockTokens(text, lexer.tokens)
    for (const { src, tokens } of lexer.inlineQueue) {
      for (const part of partsOf(src)) lexer.inlineTokens(part, tokens)
    }
    return lexer.tokens
  } catch (error) {
    // Emphasis within emphasis nests too.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isDeep(text: string): boolean {
  if (deepItem.test(text)) return true
  for (const [opened] of text.matchAll(openers)) {
    if (opened.length > deepest && (opened.match(opener)?.length ?? 0) > deepest) return true
  }
  return false
}

/** Cut at the last line's end, or else the last space, as far as there is one. */
function partsOf(text: string): string[] {
  if (text.length <= longestBlock) return [text]
  const parts: string[] = []
  let start = 0
  while (text.length - start > longestCut) {
    const end = start + longestCut
    const at = [text.lastIndexOf('\n', end - 1), text.lastIndexOf(' ', end - 1)].find((place) => place > start)
    const cut = at === undefined ? end : at + 1
    parts.push(text.slice(start, cut))
    start = cut
  }
  return [...parts, text.slice(start)]
}
