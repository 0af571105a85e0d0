import { Parser } from 'htmlparser2'
import { feedLimits } from './feed.ts'

export interface GuardedFeed {
  readonly over?: string
  /** The text, cut after the last item that is taken, with its elements closed. */
  readonly text: string
  readonly truncated: boolean
  /** Names of the elements from the root down to the first that could be a feed's: `['html', 'body', 'feed']`. */
  readonly root?: string
  readonly hasFeed: boolean
}

const items = new Set(['item', 'entry'])
const step = 65_536

/** One streaming pass over the markup: limits, what kind of document it is, and a cut after the most items that are read. */
export function guardFeed(text: string): GuardedFeed {
  let over: string | undefined
  let root: string | undefined
  let hasFeed = false
  let elements = 0
  let pieces = 0
  let ofOne = 0
  let taken = 0
  let cutAt: number | undefined
  const open: string[] = []
  let openAtCut: readonly string[] = []
  const parser = new Parser(
    {
      onopentagname: () => {
        ofOne = 0
      },
      onattribute: () => {
        if (++ofOne > feedLimits.attributesOfOne)
          over ??= `more than ${feedLimits.attributesOfOne} attributes of one element`
      },
      onopentag: (name) => {
        const lower = name.toLowerCase()
        root ??= lower
        elements++
        open.push(name)
        if (open.length > feedLimits.depth) over ??= `more than ${feedLimits.depth} levels of elements`
        if (/^(?:\w+:)?(?:rss|feed|rdf)$/.test(lower)) hasFeed = true
      },
      onclosetag: (name) => {
        open.pop()
        if (items.has(name.toLowerCase()) && ++taken === feedLimits.items) {
          cutAt = parser.endIndex + 1
          openAtCut = [...open]
        }
      },
      ontext: () => {
        pieces++
      },
    },
    { xmlMode: true, decodeEntities: false },
  )
  for (let at = 0; at < text.length && over === undefined && cutAt === undefined; at += step) {
    parser.write(text.slice(at, at + step))
    if (elements > feedLimits.elements) over ??= `more than ${feedLimits.elements} elements`
    if (pieces > feedLimits.pieces) over ??= `more than ${feedLimits.pieces} pieces of text`
  }
  if (over === undefined && cutAt === undefined) parser.end()
  const truncated = cutAt !== undefined && /<(?:\w+:)?(?:item|entry)[\s>]/i.test(text.slice(cutAt))
  const kept =
    cutAt === undefined
      ? text
      : text.slice(0, cutAt) +
        openAtCut
          .toReversed()
          .map((name) => `</${name}>`)
          .join('')
  return { ...(over !== undefined && { over }), ...(root !== undefined && { root }), text: kept, truncated, hasFeed }
}
