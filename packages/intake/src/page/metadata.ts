import { canonicalUrl } from '../canonical-url/canonical-url.ts'
import { parseTime } from '../dates/parse-time.ts'
import { flat, type HtmlDocument, type HtmlElement } from './dom.ts'
import { type JsonLd, readJsonLd } from './json-ld.ts'

export interface Metadata {
  readonly title?: string
  readonly byline?: string
  readonly publishedAt?: Date
  readonly language?: string
  readonly siteName?: string
  readonly description?: string
  readonly image?: string
  /** The address that the page names as its own; the given one where it names none. */
  readonly canonicalUrl: string
  readonly tags: readonly string[]
  readonly jsonLd: JsonLd
  /** The page says that it is one piece, by its type or by a date. */
  readonly saysArticle: boolean
}

/** Reads a page's metadata from JSON-LD, then OpenGraph and its like, then microdata and elements, then the address. */
export function readMetadata(document: HtmlDocument, url: string): Metadata {
  const jsonLd = readJsonLd(document)
  const meta = metaReader(document)
  const siteName = meta('og:site_name') ?? jsonLd.siteName ?? meta('application-name')
  const title = pickTitle(document, meta, jsonLd, siteName)
  const byline = pickByline(document, meta, jsonLd)
  const publishedAt = pickDate(document, meta, jsonLd, url)
  const language = pickLanguage(document, meta, jsonLd)
  const description =
    meta('og:description', 'description', 'twitter:description', 'dc.description', 'dcterm:description') ??
    jsonLd.description
  const image = absolute(meta('og:image', 'og:image:url', 'twitter:image', 'twitter:image:src') ?? jsonLd.image, url)
  const type = meta('og:type') ?? ''
  return {
    ...(title !== undefined && { title }),
    ...(byline !== undefined && { byline }),
    ...(publishedAt !== undefined && { publishedAt }),
    ...(language !== undefined && { language }),
    ...(siteName !== undefined && { siteName }),
    ...(description !== undefined && { description }),
    ...(image !== undefined && { image }),
    canonicalUrl: pickCanonical(document, meta, url),
    tags: pickTags(document, meta, jsonLd),
    jsonLd,
    saysArticle: jsonLd.isArticle || /^article|blog/i.test(type) || publishedAt !== undefined,
  }
}

type MetaReader = (...names: string[]) => string | undefined

function metaReader(document: HtmlDocument): MetaReader {
  const known = new Map<string, string>()
  for (const element of document.querySelectorAll('meta[content]')) {
    const content = flat(element.getAttribute('content'))
    if (content === '') continue
    const names = `${element.getAttribute('property') ?? ''} ${element.getAttribute('name') ?? ''} ${element.getAttribute('itemprop') ?? ''}`
    for (const name of names.toLowerCase().split(/\s+/)) if (name !== '' && !known.has(name)) known.set(name, content)
  }
  return (...names) => {
    for (const name of names) if (known.has(name)) return known.get(name)
    return undefined
  }
}

const separator = /\s+[|–—\-\\/»·:]+\s+/

function pickTitle(
  document: HtmlDocument,
  meta: MetaReader,
  jsonLd: JsonLd,
  siteName: string | undefined,
): string | undefined {
  const stated =
    jsonLd.headline ??
    meta(
      'dc:title',
      'dcterm:title',
      'og:title',
      'dc.title',
      'weibo:article:title',
      'weibo:webpage:title',
      'title',
      'twitter:title',
      'parsely-title',
    )
  if (stated !== undefined) return withoutSite(decodeTwice(stated), siteName)
  const title = flat(document.querySelector('title')?.textContent)
  const headings = [...document.querySelectorAll('h1')].map((heading) => flat(heading.textContent)).filter(Boolean)
  if (title === '') return headings[0]
  // The page's heading, where the title repeats it beside the site's name.
  const [heading] = headings
  if (headings.length === 1 && heading !== undefined && heading.length > 10 && title.includes(heading)) return heading
  const parts = title.split(separator)
  const first = parts[0] ?? title
  const rest = withoutSite(title, siteName)
  if (rest !== title) return rest
  return parts.length > 1 && first.split(/\s+/).length >= 4
    ? title.slice(0, title.lastIndexOf(parts.at(-1) ?? '')).replace(/\s+[|–—\-\\/»·:]+\s*$/, '')
    : title
}

/** `A title | The site`, `The site: a title`. */
function withoutSite(title: string, siteName: string | undefined): string {
  if (siteName === undefined || siteName.length < 2) return title
  const escaped = siteName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const short = title
    .replace(new RegExp(`\\s*[|–—\\-»·]+\\s*${escaped}\\s*$`, 'i'), '')
    .replace(new RegExp(`^${escaped}\\s+[|–—\\-»·]+\\s+`, 'i'), '')
  return short.length >= 3 ? short : title
}

const decodeTwice = (text: string): string =>
  text.replace(
    /&(amp|quot|lt|gt|#0?39|apos|nbsp);/g,
    (_, name: string) => ({ amp: '&', quot: '"', lt: '<', gt: '>', nbsp: ' ' })[name] ?? "'",
  )

function pickByline(document: HtmlDocument, meta: MetaReader, jsonLd: JsonLd): string | undefined {
  if (jsonLd.authors.length > 0) return cleanName([...new Set(jsonLd.authors)].join(', '))
  const stated = meta(
    'dc:creator',
    'dcterm:creator',
    'author',
    'dc.creator',
    'parsely-author',
    'sailthru.author',
    'byl',
    'article:author',
    'twitter:creator',
  )
  if (stated !== undefined && !/^https?:|^@/i.test(stated)) return cleanName(stated)
  const shown = [
    '[itemprop~=author] [itemprop=name]',
    '[itemprop~=author]',
    '[rel~=author]',
    '.byline .author, .byline a, .p-author, .author-name, .author .fn, .vcard .fn',
    '.byline, .post-author, .entry-author, .article-author, .article__author, .author',
    '[class*=byline], [class*=author-name], [id*=byline]',
  ]
  for (const selector of shown) {
    for (const element of document.querySelectorAll(selector)) {
      if (element.closest('[class*=comment], [id*=comment], aside, nav, footer') !== null) continue
      const name = cleanName(flat(element.textContent))
      if (name !== undefined && name.length <= 100) return name
    }
  }
  return undefined
}

function cleanName(name: string): string | undefined {
  const clean = decodeTwice(name)
    .replace(/^(?:(?:written |posted |published )?by|von|par|por|di|от)\b[:\s]*/i, '')
    .replace(/\s*\|.*$/, '')
    .trim()
  return clean.length >= 2 && /\p{L}/u.test(clean) && !/^https?:/.test(clean) ? clean : undefined
}

function pickDate(document: HtmlDocument, meta: MetaReader, jsonLd: JsonLd, url: string): Date | undefined {
  const shown = (selector: string): string | undefined => {
    const element = document.querySelector(selector)
    return element === null
      ? undefined
      : (element.getAttribute('datetime') ?? element.getAttribute('content') ?? flat(element.textContent))
  }
  const candidates = [
    () => jsonLd.published,
    () =>
      meta(
        'article:published_time',
        'og:published_time',
        'og:article:published_time',
        'parsely-pub-date',
        'sailthru.date',
        'datepublished',
        'pubdate',
        'publishdate',
        'publish-date',
        'date',
        'dc.date',
        'dc.date.issued',
        'dcterms.date',
        'dcterms.created',
        'dc:date',
        'article.published',
        'ptime',
      ),
    () => shown('[itemprop~=datePublished]'),
    () =>
      shown('time[pubdate]') ??
      shown('article time[datetime], header time[datetime], main time[datetime], .entry-date, time.published'),
    () => shown('time[datetime]'),
    () =>
      /\/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)/
        .exec(url)
        ?.slice(1, 4)
        .map((part) => part.padStart(2, '0'))
        .join('-'),
  ]
  for (const candidate of candidates) {
    const date = toDate(candidate())
    if (date !== undefined) return date
  }
  return undefined
}

const [earliest, aheadMs] = [Date.UTC(1990, 0, 1), 2 * 86_400_000]

/** A date that a page or a feed may mean: neither 1970 nor next year. A time without zone is taken as UTC. */
export function toDate(text: string | undefined): Date | undefined {
  if (text === undefined || !/\d/.test(text)) return undefined
  const time = parseTime(text)
  return time >= earliest && time <= Date.now() + aheadMs ? new Date(time) : undefined
}

function pickLanguage(document: HtmlDocument, meta: MetaReader, jsonLd: JsonLd): string | undefined {
  const stated = [
    document.documentElement.getAttribute('lang'),
    document.documentElement.getAttribute('xml:lang'),
    document.querySelector('meta[http-equiv="content-language" i]')?.getAttribute('content'),
    meta('og:locale', 'dc.language', 'language', 'inlanguage'),
    jsonLd.language,
    document.body?.getAttribute('lang'),
  ]
  for (const each of stated) {
    const language = toLanguage(each)
    if (language !== undefined) return language
  }
  return undefined
}

/** The BCP 47 name of `en_us`, `EN` or `de-DE, en`; undefined for what is none. */
export function toLanguage(name: string | null | undefined): string | undefined {
  const [first] = (name ?? '')
    .trim()
    .replaceAll('_', '-')
    .split(/[,;\s]/)
  if (!first || !/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(first)) return undefined
  try {
    return Intl.getCanonicalLocales(first)[0]
  } catch {
    return undefined
  }
}

function pickTags(document: HtmlDocument, meta: MetaReader, jsonLd: JsonLd): string[] {
  const tags = [...document.querySelectorAll('meta[property="article:tag"]')].map((element: HtmlElement) =>
    flat(element.getAttribute('content')),
  )
  const stated =
    tags.length > 0
      ? tags
      : jsonLd.keywords.length > 0
        ? jsonLd.keywords
        : (meta('news_keywords', 'keywords', 'parsely-tags')?.split(/[,;]/) ?? [])
  return [...new Set(stated.map((tag) => flat(tag)).filter((tag) => tag !== '' && tag.length <= 60))].slice(0, 20)
}

/** The page's word for its address counts within its own site only, and not where it names the front page for every page. */
function pickCanonical(document: HtmlDocument, meta: MetaReader, url: string): string {
  const own = canonicalUrl(url) ?? url
  const stated = [document.querySelector('link[rel~=canonical]')?.getAttribute('href'), meta('og:url')]
  for (const each of stated) {
    const named = canonicalUrl(absolute(each, url) ?? '')
    if (named === undefined || !ofOneSite(named, own)) continue
    const { pathname, search } = new URL(named)
    if (pathname === '/' && search === '' && new URL(own).pathname !== '/') continue
    return named
  }
  return own
}

/** A page may name an address of its own host, of one above it or below it, not that of a neighbour on the same platform. */
function ofOneSite(a: string, b: string): boolean {
  const [one, other] = [a, b].map((url) => new URL(url).hostname.replace(/^(?:www|m|amp|mobile)\./, ''))
  return one === other || one?.endsWith(`.${other}`) === true || other?.endsWith(`.${one}`) === true
}

export function absolute(href: string | null | undefined, base: string): string | undefined {
  if (!href || !URL.canParse(href, base)) return undefined
  const { protocol, href: whole } = new URL(href, base)
  return protocol === 'http:' || protocol === 'https:' ? whole : undefined
}
