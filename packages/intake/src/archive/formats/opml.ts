import { Parser } from 'htmlparser2'
import { type Found, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { wholeText } from '../text/decode.ts'
import { webUrl } from './urn.ts'

/** Lists of 10,000 feeds exist; a folder in a folder, two or three times. */
const maxDepth = 100

/** The feeds of an OPML file with the folders that they lie in; bare `&` and odd capitals, which real ones have, are read. */
export async function* readOpml(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const found: Found[] = []
  // A place for each open outline: the folder that it makes, or none, where it is a feed.
  const open: (string | undefined)[] = []
  let whole = false
  const parser = new Parser(
    {
      onopentag(name, raw) {
        if (name.toLowerCase() !== 'outline') return
        const attributes = Object.fromEntries(Object.entries(raw).map(([key, value]) => [key.toLowerCase(), value]))
        const title = (attributes.title || attributes.text || '').trim()
        const address = attributes.xmlurl ?? (attributes.type === 'rss' ? attributes.url : undefined)
        if (address !== undefined)
          found.push(
            toFeed(
              attributes,
              address,
              title,
              open.filter((folder) => folder !== undefined),
              context,
            ),
          )
        else if (attributes.url !== undefined) found.push(skipped('other-kind', attributes.url))
        if (open.length >= maxDepth) open.push(undefined)
        else open.push(address === undefined && title !== '' ? title : undefined)
      },
      onclosetag(name, implied) {
        if (name.toLowerCase() === 'outline') open.pop()
        if (name.toLowerCase() === 'opml' || name.toLowerCase() === 'body') whole ||= !implied
      },
    },
    { xmlMode: true },
  )
  parser.write(await wholeText(part.entry))
  parser.end()
  yield* found
  if (!found.some(({ type }) => type === 'feed')) yield problem('empty', 'names no feed')
  if (!whole) yield problem('cut', 'it breaks off; the feeds before that came in')
}

function toFeed(
  attributes: Readonly<Record<string, string>>,
  address: string,
  title: string,
  folder: readonly string[],
  context: ReadContext,
): Found {
  const feedUrl = webUrl(address.replace(/^feed:(\/\/)?(?=https?:)/i, '').replace(/^feed:/i, 'http:'))
  if (feedUrl === undefined) return problem('no-url', `the feed ${JSON.stringify(title)} has no web address`)
  if (!context.isNew(`feed:${feedUrl}`)) return skipped('duplicate', feedUrl)
  const siteUrl = webUrl(attributes.htmlurl)
  return { type: 'feed', feed: { feedUrl, folder, ...(title && { title }), ...(siteUrl && { siteUrl }) } }
}
