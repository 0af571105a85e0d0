import { generateOpml } from 'feedsmith'
import { Parser } from 'htmlparser2'
import { decodeText } from '../charset/decode-text.ts'
import { absolute } from '../page/metadata.ts'

/** The parser looks through all elements that are open at each one: `levels` is of all, `depth` of folders. */
const opmlLimits = { bytes: 5_000_000, depth: 50, levels: 100, feeds: 10_000 } as const

export interface Subscription {
  readonly url: string
  readonly title?: string
  readonly siteUrl?: string
  /** Names of the folders around it, the outermost first. */
  readonly folders: readonly string[]
}

export type OpmlResult =
  | {
      readonly outcome: 'ok' | 'empty'
      readonly title?: string
      readonly subscriptions: readonly Subscription[]
      /** Outlines that name a feed which cannot be followed, each with its reason. */
      readonly skipped: readonly { readonly name: string; readonly reason: string }[]
    }
  | { readonly outcome: 'refused' | 'failed'; readonly reason: string }

/** A list of subscriptions as other readers export it, broken or not. A feed that is listed twice is taken once. */
export function readOpml(bytes: Uint8Array): OpmlResult {
  if (bytes.byteLength > opmlLimits.bytes)
    return { outcome: 'refused', reason: `the list has more than ${opmlLimits.bytes / 1e6} MB` }
  const subscriptions = new Map<string, Subscription>()
  const skipped: { name: string; reason: string }[] = []
  const skip = (name: string, reason: string): void => {
    if (skipped.length < opmlLimits.feeds) skipped.push({ name: name.slice(0, 200), reason })
  }
  const folders: (string | undefined)[] = []
  let over: string | undefined
  let level = 0
  let isOpml = false
  let inTitle = false
  let title = ''
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (++level > opmlLimits.levels) over ??= `more than ${opmlLimits.levels} levels of elements`
        const tag = name.toLowerCase()
        if (tag === 'opml') isOpml = true
        inTitle = tag === 'title'
        if (tag !== 'outline') return
        const {
          xmlurl,
          url,
          htmlurl,
          title: own,
          text,
          type,
        } = Object.fromEntries(
          Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), value.trim()]),
        ) as Record<string, string | undefined>
        const label = own || text || ''
        const address = xmlurl || (/^(?:rss|atom|link)$/i.test(type ?? '') ? url : undefined)
        folders.push(address === undefined ? label : undefined)
        if (folders.length > opmlLimits.depth) over ??= `more than ${opmlLimits.depth} levels of folders`
        if (address === undefined) {
          if (type?.toLowerCase() === 'rss') skip(label, 'it has no xmlUrl')
          return
        }
        const whole = absolute(
          address.replace(/^feed:(?:\/\/)?(?=https?:)/i, '').replace(/^feed:\/\//i, 'https://'),
          'about:blank',
        )
        if (whole === undefined)
          return skip(label || address, `its xmlUrl is not an http or https address: ${address.slice(0, 100)}`)
        if (subscriptions.has(whole)) return skip(label || whole, 'it is in the list already')
        if (subscriptions.size >= opmlLimits.feeds)
          return skip(label || whole, `the list has more than ${opmlLimits.feeds} feeds`)
        const siteUrl = absolute(htmlurl, whole)
        subscriptions.set(whole, {
          url: whole,
          folders: folders.filter((folder) => folder),
          ...(label && { title: label }),
          ...(siteUrl && { siteUrl }),
        } as Subscription)
      },
      onclosetag: (name) => {
        level--
        inTitle = false
        if (name.toLowerCase() === 'outline') folders.pop()
      },
      ontext: (text) => {
        if (inTitle && title.length < 200) title += text
      },
    },
    { xmlMode: true },
  )
  const text = decodeText(bytes).text
  for (let at = 0; at < text.length && over === undefined; at += 65_536) parser.write(text.slice(at, at + 65_536))
  if (over !== undefined) return { outcome: 'refused', reason: `the list has ${over}` }
  parser.end()
  if (!isOpml) return { outcome: 'failed', reason: 'not OPML: the document has no <opml> element' }
  return {
    outcome: subscriptions.size === 0 ? 'empty' : 'ok',
    ...(title.trim() && { title: title.trim() }),
    subscriptions: [...subscriptions.values()],
    skipped,
  }
}

interface Outline {
  text: string
  type?: string
  xmlUrl?: string
  htmlUrl?: string
  outlines?: Outline[]
}

/** The list as OPML 2.0, its folders nested. */
export function writeOpml(subscriptions: Iterable<Subscription>, title: string): string {
  const top: Outline[] = []
  const folders = new Map<string, Outline[]>()
  const folder = (path: readonly string[]): Outline[] => {
    if (path.length === 0) return top
    const key = JSON.stringify(path)
    const known = folders.get(key)
    if (known !== undefined) return known
    const outlines: Outline[] = []
    folder(path.slice(0, -1)).push({ text: path.at(-1) ?? '', outlines })
    folders.set(key, outlines)
    return outlines
  }
  for (const { url, title: text, siteUrl, folders: path } of subscriptions) {
    folder(path).push({
      text: text ?? url,
      type: 'rss',
      xmlUrl: url,
      ...(siteUrl !== undefined && { htmlUrl: siteUrl }),
    })
  }
  return generateOpml({ head: { title }, body: { outlines: top } })
}
