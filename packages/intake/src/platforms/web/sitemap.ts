import { gunzipSync } from 'node:zlib'
import { Parser } from 'htmlparser2'
import { decodeText } from '../../charset/decode-text.ts'
import { parseTime } from '../../dates/parse-time.ts'

interface SitemapEntry {
  readonly url: string
  readonly changedAt?: Date
}

export type SitemapResult =
  | {
      readonly outcome: 'ok'
      /** Pages, the newest first where the map dates them. */
      readonly pages: readonly SitemapEntry[]
      /** Other maps that it names, likewise. */
      readonly maps: readonly SitemapEntry[]
    }
  | { readonly outcome: 'refused' | 'failed'; readonly reason: string }

/**
 * sitemaps.org gives a map 50,000 addresses of less than 2,048 characters, at three levels; pictures and translations of each page
 * come in as elements of their own, one or two levels deeper.
 */
const limits = {
  entries: 50_000,
  locCharacters: 2_048,
  depth: 50,
  elements: 1_000_000,
  bytes: 20_000_000,
  /** Unpacked for each packed byte, as in a body that a server packs; below the floor it hurts nobody. */
  ratio: 100,
  ratioFloorBytes: 1024 ** 2,
} as const

/** The characters that are handed to the parser at once: the most that it reads after a limit is met. */
const step = 65_536

/**
 * A sitemap, or an index of such, packed or not. Takes the thread for as long as it takes: `createReaders` calls it in a worker with
 * a time limit. The parser looks through all open elements at each one, so their depth is what the time hangs on.
 */
export function readSitemap(body: Uint8Array): SitemapResult {
  const bytes = unpacked(body)
  if (!(bytes instanceof Uint8Array)) return { outcome: 'refused', reason: bytes.over }
  const found: { pages: SitemapEntry[]; maps: SitemapEntry[] } = { pages: [], maps: [] }
  let isMap = false
  let depth = 0
  let elements = 0
  let over: string | undefined
  let field: 'loc' | 'lastmod' | undefined
  let entry: { loc: string; lastmod: string } | undefined
  const parser = new Parser(
    {
      onopentag(name) {
        if (++depth > limits.depth) over ??= `more than ${limits.depth} levels of elements`
        if (++elements > limits.elements) over ??= `more than ${limits.elements} elements`
        const local = name.replace(/^.*:/, '')
        if (local === 'urlset' || local === 'sitemapindex') isMap = true
        else if (local === 'url' || local === 'sitemap') entry = { loc: '', lastmod: '' }
        field = local === 'loc' || local === 'lastmod' ? local : undefined
      },
      ontext(piece) {
        if (entry !== undefined && field !== undefined && entry[field].length <= limits.locCharacters)
          entry[field] += piece
      },
      onclosetag(name) {
        depth--
        const local = name.replace(/^.*:/, '')
        field = undefined
        if ((local !== 'url' && local !== 'sitemap') || entry === undefined) return
        const read = readEntry(entry)
        const list = local === 'url' ? found.pages : found.maps
        if (read !== undefined && list.length < limits.entries) list.push(read)
        entry = undefined
      },
    },
    { xmlMode: true },
  )
  const { text } = decodeText(bytes)
  for (let at = 0; at < text.length && over === undefined; at += step) parser.write(text.slice(at, at + step))
  if (over !== undefined) return { outcome: 'refused', reason: `the sitemap has ${over}` }
  parser.end()
  if (!isMap) return { outcome: 'failed', reason: 'this is not a sitemap' }
  const newestFirst = (list: SitemapEntry[]) =>
    list.toSorted((a, b) => (b.changedAt?.getTime() ?? 0) - (a.changedAt?.getTime() ?? 0))
  return { outcome: 'ok', pages: newestFirst(found.pages), maps: newestFirst(found.maps) }
}

/** Undefined for what is no web address, or too long for one. */
function readEntry({ loc, lastmod }: { loc: string; lastmod: string }): SitemapEntry | undefined {
  if (loc.trim().length > limits.locCharacters) return undefined
  const url = URL.parse(loc.trim())
  if (url === null) return undefined
  const time = parseTime(lastmod)
  return { url: url.href, ...(Number.isNaN(time) ? {} : { changedAt: new Date(time) }) }
}

function unpacked(body: Uint8Array): Uint8Array | { readonly over: string } {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body
  const mostBytes = Math.min(limits.bytes, Math.max(limits.ratioFloorBytes, limits.ratio * body.byteLength))
  try {
    return gunzipSync(body, { maxOutputLength: mostBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return new Uint8Array()
    return mostBytes === limits.bytes
      ? { over: `the sitemap has more than ${limits.bytes / 1e6} MB` }
      : { over: `the sitemap unpacks to more than ${limits.ratio} times what was sent` }
  }
}
