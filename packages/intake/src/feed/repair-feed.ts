import { DomUtils, parseDocument } from 'htmlparser2'

type Node = ReturnType<typeof DomUtils.getChildren>[number]
type Element = Extract<Node, { attribs: unknown }>

const isElement = (node: Node | null): node is Element => node !== null && 'attribs' in node

/**
 * A broken feed as well-formed XML: cut CDATA and end tags, bare `&`, text before the declaration, a feed inside XHTML. An HTML
 * parser reads it and writes it again. Undefined where there is no feed in it.
 */
export function repairFeed(text: string): string | undefined {
  const document = parseDocument(text, { xmlMode: true, recognizeCDATA: true })
  const [feed] = DomUtils.find(
    (node) => isElement(node) && /^(?:\w+:)?(?:rss|feed|rdf)$/i.test(node.name),
    document.children,
    true,
    1,
  )
  if (feed === undefined || !isElement(feed)) return undefined
  inheritNamespaces(feed)
  return `<?xml version="1.0"?>${DomUtils.getOuterHTML(feed, { xmlMode: true, encodeEntities: 'utf8' })}`
}

/** `xmlns` of the elements around the feed, which are left out. */
function inheritNamespaces(feed: Element): void {
  for (let at = feed.parent; at !== null && isElement(at as Node); at = at.parent) {
    for (const [name, value] of Object.entries((at as Element).attribs)) {
      if (name.startsWith('xmlns:') && !(name in feed.attribs)) feed.attribs[name] = value
    }
  }
}
