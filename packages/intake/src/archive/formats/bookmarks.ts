import { type ArchiveItem, type Found, item, problem, skipped } from '../archive-event.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { wholeText } from '../text/decode.ts'
import { walk } from '../text/html.ts'
import { webUrl } from './urn.ts'

/** A link as the file has it, its attributes in lower case. */
interface Link {
  readonly attributes: Readonly<Record<string, string>>
  readonly folder: readonly string[]
  title: string
  description: string
}

interface Links {
  readonly links: readonly Link[]
  readonly isCut: boolean
}

/** A person's bookmarks: 1,000,000 elements are some 300,000 of them. */
const limits = { elements: 1_000_000, characters: 64 * 2 ** 20 }

/** Netscape's bookmark file, as all browsers and linkding, Pinboard, Shaarli, Raindrop write it. */
export async function* readBookmarks(part: Part, context: ReadContext): AsyncGenerator<Found> {
  yield* toItems(netscapeLinks(await wholeText(part.entry)), context, ({ private: hidden }) =>
    hidden === '1' ? 'private' : undefined,
  )
}

/** Pocket's HTML: two lists under headings. */
export async function* readPocketHtml(part: Part, context: ReadContext): AsyncGenerator<Found> {
  yield* toItems(pocketLinks(await wholeText(part.entry)), context)
}

function* toItems(
  { links, isCut }: Links,
  context: ReadContext,
  hiddenBy: (attributes: Link['attributes']) => 'private' | undefined = () => undefined,
): Generator<Found> {
  if (links.length === 0) yield problem('empty', 'has no bookmark')
  if (isCut) yield problem('cut', 'it breaks off; the whole bookmarks before that came in')
  const byUrl = new Map<string, { links: Link[] }>()
  for (const link of links) {
    const url = webUrl(link.attributes.href)
    const hidden = hiddenBy(link.attributes)
    if (url === undefined) yield skipped('not-content', link.title.slice(0, 100))
    else if (hidden !== undefined && context.options.includePrivate !== true) yield skipped(hidden)
    else {
      const same = byUrl.get(url)
      if (same === undefined) byUrl.set(url, { links: [link] })
      else same.links.push(link)
    }
  }
  for (const [url, { links: same }] of byUrl) {
    if (!context.isNew(`bookmark:${url}`)) {
      yield skipped('duplicate', url)
      continue
    }
    yield item(bookmark(url, same))
    for (const _ of same.slice(1)) yield skipped('duplicate', url)
  }
}

/** Of one that is there twice, the first, with the tags of all. */
function bookmark(url: string, same: readonly Link[]): ArchiveItem {
  const [{ attributes, folder, title, description }] = same as [Link]
  const publishedAt = parseDate(attributes.add_date ?? attributes.time_added)
  const tags = new Set(same.flatMap((link) => tagsOf(link.attributes.tags)))
  return {
    id: url,
    kind: 'bookmark',
    platform: 'web',
    url,
    link: url,
    title: title || url,
    body: description,
    ...(publishedAt && { publishedAt }),
    tags: [...tags],
    folder,
    ...(attributes.archived && { archived: attributes.archived === 'true' }),
    ...(attributes.toread === '1' && { archived: false }),
  }
}

const tagsOf = (tags = '') =>
  tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')

/** DT and DD have no end tags; a folder is an H3 before a DL. */
function netscapeLinks(html: string): Links {
  const links: Link[] = []
  const folders: string[] = []
  // One place for each open DL: whether a heading has named it.
  const lists: boolean[] = []
  let heading: string | undefined
  let into: 'title' | 'description' | 'heading' | undefined
  let isCut = false
  const finish = () => {
    if (into === 'description') into = undefined
  }
  walk(
    html,
    {
      onopentag(name, attributes) {
        if (name === 'dt' || name === 'dl') finish()
        if (name === 'h3') {
          heading = ''
          into = 'heading'
        } else if (name === 'dl') {
          lists.push(heading !== undefined)
          if (heading !== undefined) folders.push(clean(heading))
          heading = undefined
        } else if (name === 'a') {
          links.push({ attributes, folder: [...folders], title: '', description: '' })
          into = 'title'
        } else if (name === 'dd') into = heading === undefined && links.length > 0 ? 'description' : undefined
      },
      onclosetag(name, implied) {
        // At its end the parser closes what the file left open: what was being read then is no whole bookmark.
        if (implied && (name === 'a' || name === 'dl')) isCut = true
        if (isCut && into !== undefined && into !== 'heading') {
          links.pop()
          into = undefined
        }
        if (name === 'dl') {
          finish()
          if (lists.pop() === true) folders.pop()
        }
        if (name === 'a' || name === 'h3') into = undefined
      },
      ontext(text) {
        const link = links.at(-1)
        if (into === 'heading') heading += text
        else if (into !== undefined && link !== undefined) link[into] += text
      },
    },
    limits,
  )
  return {
    isCut,
    links: links.map((link) => ({ ...link, title: clean(link.title), description: link.description.trim() })),
  }
}

function pocketLinks(html: string): Links {
  const links: Link[] = []
  let heading = ''
  let into: 'heading' | 'title' | undefined
  let isCut = false
  walk(
    html,
    {
      onopentag(name, attributes) {
        if (name === 'h1') {
          heading = ''
          into = 'heading'
        } else if (name === 'a' && attributes.href !== undefined) {
          const archived = /archive/i.test(heading) ? 'true' : 'false'
          links.push({ attributes: { ...attributes, archived }, folder: [], title: '', description: '' })
          into = 'title'
        }
      },
      onclosetag(name, implied) {
        if (implied && /^(a|ul|body|html)$/.test(name)) isCut = true
        if (isCut && into === 'title') links.pop()
        into = undefined
      },
      ontext(text) {
        const link = links.at(-1)
        if (into === 'heading') heading += text
        else if (into === 'title' && link !== undefined) link.title += text
      },
    },
    limits,
  )
  return { isCut, links: links.map((link) => ({ ...link, title: clean(link.title) })) }
}

const clean = (text: string) => text.replace(/\s+/g, ' ').trim()
