import type { Article, AuthorName } from '../article.ts'
import { canonicalUrl } from '../canonical-url/canonical-url.ts'
import { textHash } from '../canonical-url/text-hash.ts'
import { decodeText } from '../charset/decode-text.ts'
import { weightOf } from './blocks.ts'
import { type HtmlDocument, parseDocument } from './dom.ts'
import { articleOfText, type Found, findArticle } from './find-article.ts'
import { type Footnote, takeFootnotes } from './footnotes.ts'
import { toMarkdown, withNotes } from './markdown.ts'
import { absolute, type Metadata, readMetadata } from './metadata.ts'
import { prepareCode } from './prepare-code.ts'
import { type FeedLink, pageLimits, type Survey, survey } from './survey.ts'
import { tidy } from './tidy.ts'
import { judge, looksOf, type Verdict } from './verdict.ts'

export interface PageInput {
  readonly bytes?: Uint8Array
  /** In place of `bytes`, where a reader hands the page over. */
  readonly html?: string
  readonly contentType?: string | undefined
  /** The address after redirects. */
  readonly url: string
}

export interface PageRead {
  readonly outcome: 'ok'
  readonly article: Article
  /** The article's plain text, a block a line, without captions and notes: what `textHash` is of. */
  readonly text: string
  readonly textHash: string
  readonly byline?: string
  readonly siteName?: string
  readonly description?: string
  readonly image?: string
  readonly canonicalUrl: string
  readonly feeds: readonly FeedLink[]
}

export interface PageNotRead extends Verdict {
  /** A page without an article may still name the site's feed. */
  readonly feeds: readonly FeedLink[]
  readonly canonicalUrl?: string
  /** The beginning that a paywall shows to everyone. Not the piece: nothing to store as one. */
  readonly preview?: { readonly title?: string; readonly text: string }
}

export type PageResult = PageRead | PageNotRead

/**
 * A page as an article, or why it is none. Takes the thread for as long as it takes: `createReaders` calls it in a worker with a
 * time limit.
 */
export function readPage({ bytes, html, contentType, url }: PageInput): PageResult {
  const size = bytes?.byteLength ?? Buffer.byteLength(html ?? '')
  if (size > pageLimits.bytes) return none('refused', `the page has more than ${pageLimits.bytes / 1e6} MB`)
  const kind = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (kind !== '' && !/html|xml|^text\/plain$|octet-stream|^unknown/.test(kind))
    return none('failed', `not a page: its content type is ${kind}`)
  const text = (html ?? decodeText(bytes ?? new Uint8Array(), contentType).text).replace(/[\0\uFEFF\uE000\uE001]/g, '')
  if (text.trim() === '') return none('empty', 'the document is empty')
  const found = survey(text)
  const feeds = feedsOf(found, url)
  if (found.over !== undefined) return { ...none('refused', `the page has ${found.over}`), feeds }
  if (/^(?:rss|feed|rdf:rdf|opml|urlset|sitemapindex)$/.test(found.root ?? ''))
    return none('failed', `not a page: its first element is <${found.root}>`)
  if (['%PDF-', 'PK\u0003\u0004', '\u0089PNG', '\ufffdPNG', 'GIF8'].some((start) => text.startsWith(start)))
    return none('failed', 'not a page: its first bytes are those of another kind of file')
  const bare =
    found.root === undefined && kind !== 'text/plain' ? text.replace(/<!--[\s\S]*?(?:-->|$)/g, '').trim() : text
  if (found.root === undefined && kind !== 'text/plain' && weightOf(bare) < 200)
    return none('empty', 'the document has no elements and hardly any text')
  return read(found.root === undefined ? plainToHtml(bare) : text, url, found, feeds)
}

const none = (outcome: Verdict['outcome'], reason: string): PageNotRead => ({ outcome, reason, feeds: [] })

const plainToHtml = (text: string): string =>
  `<html><body><article>${text
    .split(/\n\s*\n/)
    .map((part) => `<p>${part.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`)
    .join('')}</article></body></html>`

export function feedsOf(found: Survey, url: string): FeedLink[] {
  const base = absolute(found.base, url) ?? url
  const byUrl = new Map<string, FeedLink>()
  for (const feed of found.feeds) {
    const whole = absolute(feed.url, base)
    if (whole !== undefined && !byUrl.has(whole)) byUrl.set(whole, { ...feed, url: whole })
  }
  return [...byUrl.values()]
}

function read(html: string, url: string, survey: Survey, feeds: readonly FeedLink[]): PageResult {
  const document = parseDocument(html)
  if (document.body === null) return { ...none('empty', 'the page has no body'), feeds }
  const metadata = readMetadata(document, url)
  const looks = looksOf(document, html)
  const footnotes: Footnote[] = []
  const prepare = (made: HtmlDocument): HtmlDocument => {
    prepareCode(made)
    footnotes.splice(0, footnotes.length, ...takeFootnotes(made))
    return made
  }
  const known = {
    title: metadata.title,
    description: metadata.description,
    byline: metadata.byline,
    siteName: metadata.siteName,
    host: URL.parse(url)?.hostname,
  }
  const inPage = findArticle(prepare(document), () => prepare(parseDocument(html)), known, looks.prose)
  const article = preferStated(inPage, metadata)
  const verdict = judge(looks, survey, metadata, url, article)
  if (verdict !== undefined || article === undefined) {
    const preview =
      verdict?.outcome === 'paywalled' && article !== undefined
        ? { text: article.text, ...(metadata.title !== undefined && { title: metadata.title }) }
        : undefined
    return {
      ...(verdict ?? { outcome: 'empty', reason: 'the page has no text' }),
      feeds,
      canonicalUrl: metadata.canonicalUrl,
      ...(preview && { preview }),
    }
  }
  return result(document, article, footnotes, metadata, url, survey, feeds)
}

/** The whole text as the page states it for machines, where the page shows less than half of it. */
function preferStated(inPage: Found | undefined, { jsonLd }: Metadata): Found | undefined {
  const stated = jsonLd.articleBody
  if (
    stated === undefined ||
    weightOf(stated) < 400 ||
    (inPage !== undefined && inPage.weight > 0.5 * weightOf(stated))
  )
    return inPage
  return articleOfText(stated)
}

function result(
  document: HtmlDocument,
  found: Found,
  footnotes: readonly Footnote[],
  metadata: Metadata,
  url: string,
  survey: Survey,
  feeds: readonly FeedLink[],
): PageRead {
  const base = absolute(survey.base, url) ?? url
  tidy(document, found.root, base)
  const notes = footnotes.map(({ label, element }) => {
    tidy(document, element, base)
    return { label, markdown: toMarkdown(element) }
  })
  const text = found.text.replace(/\uE000[^\uE001]{0,20}\uE001/g, '')
  const { title, byline, publishedAt, language, siteName, description, image, tags, canonicalUrl: own } = metadata
  const asked = canonicalUrl(url)
  const article: Article = {
    url: own,
    title: title ?? (text.split('\n')[0] ?? '').slice(0, 120),
    body: withNotes(toMarkdown(found.root), notes),
    kind: 'page',
    ...(byline !== undefined && { author: authorOf(byline) }),
    ...(publishedAt !== undefined && { publishedAt }),
    ...(language !== undefined && { language }),
    ...(tags.length > 0 && { tags }),
    ...(asked !== undefined && asked !== own && { aliases: [asked] }),
  }
  return {
    outcome: 'ok',
    article,
    text,
    textHash: textHash(text),
    canonicalUrl: own,
    feeds,
    ...(byline !== undefined && { byline }),
    ...(siteName !== undefined && { siteName }),
    ...(description !== undefined && { description }),
    ...(image !== undefined && { image }),
  }
}

export const authorOf = (name: string): AuthorName => ({ username: name, displayName: name })
