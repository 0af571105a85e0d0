import { Parser } from 'htmlparser2'
import { type Found, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { TooLargeError, textChunks } from '../text/decode.ts'
import { HtmlLimitError } from '../text/html.ts'
import { webUrl } from './urn.ts'

/** Lists of 10,000 feeds exist, of one or two megabytes; a folder in a folder, two or three times. */
const maxCharacters = 64_000_000
/** Of all elements: the parser looks through those that are open at each one. */
const maxDepth = 100

/** The feeds of an OPML file with the folders that they lie in; bare `&` and odd capitals, which real ones have, are read. */
export async function* readOpml(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const found: Found[] = []
  const { parser, isWhole } = createParser(found, context)
  let feeds = 0
  let length = 0
  // What was read before a limit was met comes before the problem.
  const take = () => {
    const taken = found.splice(0)
    feeds += taken.filter(({ type }) => type === 'feed').length
    return taken
  }
  try {
    for await (const chunk of textChunks(part.entry)) {
      length += chunk.length
      if (length > maxCharacters) throw new TooLargeError(`is longer than ${maxCharacters} characters`)
      parser.write(chunk)
      yield* take()
    }
    parser.end()
  } catch (error) {
    yield* take()
    throw error
  }
  yield* take()
  if (feeds === 0) yield problem('empty', 'names no feed')
  if (!isWhole()) yield problem('cut', 'it breaks off; the feeds before that came in')
}

function createParser(found: Found[], context: ReadContext): { parser: Parser; isWhole: () => boolean } {
  // A place for each open outline: the folder that it makes, or none, where it is a feed.
  const open: (string | undefined)[] = []
  let depth = 0
  let whole = false
  const parser = new Parser(
    {
      onopentag(name, raw) {
        if (++depth > maxDepth) throw new HtmlLimitError(`is nested more than ${maxDepth} elements deep`)
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
        open.push(address === undefined && title !== '' ? title : undefined)
      },
      onclosetag(name, implied) {
        depth--
        if (name.toLowerCase() === 'outline') open.pop()
        if (name.toLowerCase() === 'opml' || name.toLowerCase() === 'body') whole ||= !implied
      },
    },
    { xmlMode: true },
  )
  return { parser, isWhole: () => whole }
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
