import { gunzipSync } from 'node:zlib'
import { Parser } from 'htmlparser2'

interface SitemapEntry {
  readonly url: string
  readonly changedAt?: Date
}

export interface Sitemap {
  /** Pages, the newest first where the map dates them. */
  readonly pages: readonly SitemapEntry[]
  /** Other maps that it names, likewise. */
  readonly maps: readonly SitemapEntry[]
}

const mostEntries = 50_000
const mostBytes = 20_000_000

/** A sitemap, or an index of such; undefined for anything else. */
export function readSitemap(body: Uint8Array): Sitemap | undefined {
  const text = new TextDecoder().decode(unpacked(body))
  const found: { pages: SitemapEntry[]; maps: SitemapEntry[] } = { pages: [], maps: [] }
  let isMap = false
  let field: 'loc' | 'lastmod' | undefined
  let entry: { loc: string; lastmod: string } | undefined
  const parser = new Parser(
    {
      onopentag(name) {
        const local = name.replace(/^.*:/, '')
        if (local === 'urlset' || local === 'sitemapindex') isMap = true
        else if (local === 'url' || local === 'sitemap') entry = { loc: '', lastmod: '' }
        field = local === 'loc' || local === 'lastmod' ? local : undefined
      },
      ontext(piece) {
        if (entry !== undefined && field !== undefined) entry[field] += piece
      },
      onclosetag(name) {
        const local = name.replace(/^.*:/, '')
        field = undefined
        if ((local !== 'url' && local !== 'sitemap') || entry === undefined) return
        const url = URL.parse(entry.loc.trim())
        const time = Date.parse(entry.lastmod.trim())
        const list = local === 'url' ? found.pages : found.maps
        if (url !== null && list.length < mostEntries) {
          list.push({ url: url.href, ...(Number.isNaN(time) ? {} : { changedAt: new Date(time) }) })
        }
        entry = undefined
      },
    },
    { xmlMode: true },
  )
  parser.end(text)
  if (!isMap) return undefined
  const newestFirst = (list: SitemapEntry[]) =>
    list.toSorted((a, b) => (b.changedAt?.getTime() ?? 0) - (a.changedAt?.getTime() ?? 0))
  return { pages: newestFirst(found.pages), maps: newestFirst(found.maps) }
}

function unpacked(body: Uint8Array): Uint8Array {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body
  try {
    return gunzipSync(body, { maxOutputLength: mostBytes })
  } catch {
    return new Uint8Array()
  }
}
