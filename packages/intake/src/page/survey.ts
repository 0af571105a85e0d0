import { Parser } from 'htmlparser2'

/** Limits of a page. The deepest of 181 real pages has 51 levels; at 1,000 levels Readability needs 4 s, at 2,000 10 s. */
export const pageLimits = {
  bytes: 5_000_000,
  depth: 250,
  elements: 20_000,
  attributes: 200_000,
  attributesOfOne: 1_000,
  /** Pieces of text between tags and entities. linkedom joins them one by one: 2 million take 17 s. */
  pieces: 200_000,
} as const

export interface FeedLink {
  readonly url: string
  readonly title?: string
  /** Its MIME type, where the page says it. */
  readonly type?: string
}

/** One streaming pass over the markup, in which nothing is built: what it holds, and whether a tree of it may be built at all. */
export interface Survey {
  /** The limit that the page is over: `more than 250 levels of elements`. */
  readonly over?: string
  readonly feeds: readonly FeedLink[]
  /** Links whose address looks like a feed's. */
  readonly feedLike: readonly string[]
  readonly base?: string
  readonly scripts: number
  readonly passwordFields: number
  /** Text in `<noscript>`. */
  readonly withoutScript: string
  /** The first element's name: `rss` or `feed` is no page. */
  readonly root?: string
}

/** The characters that are handed to the parser at once: the most that it reads after a limit is met. */
const step = 65_536
const feedTypes = /^(?:application|text)\/(?:(?:rss|atom|rdf|feed)\+?(?:xml|json)|xml|json)\b/i

const feedAddress =
  /(?:^|\/)(?:feeds?|rss|atom)(?:\/|\.xml|\.json)?$|\.(?:rss|atom)$|\/(?:index|rss2?|atom|feed)\.(?:xml|rdf|json)$/i

export function survey(html: string): Survey {
  let over: string | undefined
  let depth = 0
  let elements = 0
  let attributes = 0
  let pieces = 0
  let scripts = 0
  let passwordFields = 0
  let withoutScript = ''
  let noscriptDepth = 0
  let root: string | undefined
  let base: string | undefined
  let ofOne = 0
  const feeds: FeedLink[] = []
  const feedLike = new Set<string>()
  const parser = new Parser(
    {
      onopentagname: () => {
        ofOne = 0
      },
      onattribute: () => {
        attributes++
        if (++ofOne > pageLimits.attributesOfOne)
          over ??= `more than ${pageLimits.attributesOfOne} attributes of one element`
      },
      onopentag: (name, attribs) => {
        root ??= name
        elements++
        if (++depth > pageLimits.depth) over ??= `more than ${pageLimits.depth} levels of elements`
        if (name === 'script') scripts++
        else if (name === 'noscript') noscriptDepth++
        else if (name === 'input' && attribs.type?.toLowerCase() === 'password') passwordFields++
        else if (name === 'base') base ??= attribs.href
        else if (name === 'link' && feeds.length < 100) {
          const feed = feedOf(attribs)
          if (feed !== undefined) feeds.push(feed)
        } else if (name === 'a' && attribs.href !== undefined && feedLike.size < 20 && feedAddress.test(attribs.href))
          feedLike.add(attribs.href)
      },
      onclosetag: (name) => {
        depth--
        if (name === 'noscript') noscriptDepth--
      },
      ontext: (text) => {
        pieces++
        if (noscriptDepth > 0 && withoutScript.length < 2000) withoutScript += text
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  )
  for (let at = 0; at < html.length && over === undefined; at += step) {
    parser.write(html.slice(at, at + step))
    if (elements > pageLimits.elements) over ??= `more than ${pageLimits.elements} elements`
    if (attributes > pageLimits.attributes) over ??= `more than ${pageLimits.attributes} attributes`
    if (pieces > pageLimits.pieces) over ??= `more than ${pageLimits.pieces} pieces of text`
  }
  if (over === undefined) parser.end()
  return {
    ...(over !== undefined && { over }),
    ...(base !== undefined && { base }),
    ...(root !== undefined && { root }),
    feeds,
    feedLike: [...feedLike],
    scripts,
    passwordFields,
    withoutScript: withoutScript.slice(0, 2000),
  }
}

function feedOf({ rel, type, href, title }: Record<string, string | undefined>): FeedLink | undefined {
  const relations = rel?.toLowerCase().split(/\s+/) ?? []
  if (!href || !(relations.includes('alternate') || relations.includes('feed'))) return undefined
  if (!relations.includes('feed') && !feedTypes.test(type ?? '')) return undefined
  // oEmbed's answers are JSON and XML too.
  if (/oembed/i.test(type ?? '') || /\/wp-json\/|oembed/i.test(href)) return undefined
  return { url: href, ...(title && { title }), ...(type && { type }) }
}
