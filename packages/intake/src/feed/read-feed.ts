import { createHash } from 'node:crypto'
import { canonicalUrl } from '../canonical-url/canonical-url.ts'
import { decodeText } from '../charset/decode-text.ts'
import { htmlToMarkdown, textOfHtml } from '../page/html-to-markdown.ts'
import { absolute, toDate, toLanguage } from '../page/metadata.ts'
import { authorOf, feedsOf } from '../page/read-page.ts'
import { survey } from '../page/survey.ts'
import { type Feed, type FeedEntry, type FeedResult, feedLimits } from './feed.ts'
import { guardFeed } from './guard-feed.ts'
import { type RawEntry, type RawFeed, rawByFeedsmith, rawByHtmlparser } from './raw-feed.ts'
import { repairFeed } from './repair-feed.ts'

export interface FeedInput {
  readonly bytes: Uint8Array
  readonly contentType?: string | undefined
  /** The address after redirects. */
  readonly url: string
}

type NotRead = Extract<FeedResult, { reason: string }>

/**
 * RSS, RDF, Atom or a JSON feed, sound or broken, as entries, or why it is none. Takes the thread for as long as it takes:
 * `createReaders` calls it in a worker with a time limit.
 */
export function readFeed({ bytes, contentType, url }: FeedInput): FeedResult {
  if (bytes.byteLength > feedLimits.bytes) return none('refused', `the feed has more than ${feedLimits.bytes / 1e6} MB`)
  const text = decodeText(bytes, contentType)
    .text.replace(/\0/g, '')
    .replace(/^[\s\uFEFF]+/, '')
  if (text === '') return none('failed', 'the document is empty')
  if (/^[{[]/.test(text)) return readJson(text, url)
  const guarded = guardFeed(text)
  if (guarded.over !== undefined) return none('refused', `the feed has ${guarded.over}`)
  if (!guarded.hasFeed) return notAFeed(text, guarded.root, url)
  const raw = readXml(withoutBase64(guarded.text))
  if (raw === undefined)
    return none('failed', `the document begins with <${guarded.root}>, and no reader finds a feed in it`)
  return result(raw, url, guarded.truncated)
}

const none = (outcome: NotRead['outcome'], reason: string): NotRead => ({ outcome, reason, feeds: [] })

function notAFeed(text: string, root: string | undefined, url: string): NotRead {
  if (root === 'html' || /^<!doctype html/i.test(text) || /<(?:body|head|div|p)[\s>]/i.test(text.slice(0, 5000))) {
    const page = survey(text)
    const feeds = page.over === undefined ? feedsOf(page, url) : []
    const names =
      feeds.length === 0
        ? 'it names no feed'
        : `it names ${feeds
            .map((feed) => feed.url)
            .slice(0, 3)
            .join(', ')}`
    return { outcome: 'failed', reason: `an HTML page, not a feed: ${names}`, feeds }
  }
  return none(
    'failed',
    root === undefined ? 'not a feed: the document has no elements' : `not a feed: its first element is <${root}>`,
  )
}

function readJson(text: string, url: string): FeedResult {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return none('failed', `not a JSON feed: ${(error as Error).message}`)
  }
  const { version, items } = (typeof value === 'object' && value !== null ? value : {}) as {
    version?: unknown
    items?: unknown
  }
  if (!Array.isArray(items) || (typeof version === 'string' && !/jsonfeed/i.test(version)))
    return none('failed', 'not a JSON feed: it has no list of items')
  const feed = {
    ...(value as object),
    version: 'https://jsonfeed.org/version/1.1',
    items: items.slice(0, feedLimits.items),
  }
  try {
    return result(rawByFeedsmith(feed), url, items.length > feedLimits.items)
  } catch {
    return none('failed', 'not a JSON feed: its fields are of other kinds')
  }
}

/** Atom 0.3 may give a text in base64, which no reader undoes. */
function withoutBase64(text: string): string {
  if (!/\bmode\s*=\s*["']base64["']/.test(text)) return text
  return text.replace(
    /(<(\w+)\b[^>]*\bmode\s*=\s*["'])base64(["'][^>]*>)([\w+/=\s]*)(?=<\/\2>)/g,
    (_, start: string, _name, rest: string, coded: string) =>
      `${start}escaped${rest}${Buffer.from(coded, 'base64').toString().replaceAll('&', '&amp;').replaceAll('<', '&lt;')}`,
  )
}

/** feedsmith refuses what is not well-formed, and drops entries in which it knows no field, silently: they are counted. */
function readXml(text: string): RawFeed | undefined {
  const expected = (text.match(/<(?:\w+:)?(?:item|entry)[\s>/]/gi) ?? []).length
  const full = longest(expected, [() => rawByFeedsmith(text), () => fromRepaired(text, rawByFeedsmith)])
  if (full !== undefined && full.entries.length >= expected) return full
  const bare = longest(expected, [() => fromRepaired(text, rawByHtmlparser), () => rawByHtmlparser(text)])
  if (full === undefined || bare === undefined || bare.entries.length <= full.entries.length) return full ?? bare
  return { ...full, entries: fillIn(bare.entries, full.entries) }
}

function longest(enough: number, ways: readonly (() => RawFeed | undefined)[]): RawFeed | undefined {
  let best: RawFeed | undefined
  for (const way of ways) {
    try {
      const found = way()
      if (found !== undefined && (best === undefined || found.entries.length > best.entries.length)) best = found
    } catch {
      // The next way may read it.
    }
    if (best !== undefined && best.entries.length >= enough) break
  }
  return best
}

/** The entries of the list that has them all, with all fields where the other list has them. */
function fillIn(all: readonly RawEntry[], detailed: readonly RawEntry[]): RawEntry[] {
  const rest = [...detailed]
  return all.map((entry) => {
    const at = rest.findIndex(
      ({ id, link, title }) =>
        (id !== undefined && id === entry.id) ||
        (link !== undefined && link === entry.link) ||
        (title !== undefined && title === entry.title),
    )
    return (at >= 0 && rest.splice(at, 1)[0]) || entry
  })
}

function fromRepaired(text: string, read: (text: string) => RawFeed | undefined): RawFeed | undefined {
  const repaired = repairFeed(text)
  return repaired === undefined ? undefined : read(repaired)
}

function result(raw: RawFeed, url: string, truncated: boolean): FeedResult {
  const base = absolute(raw.base, url) ?? url
  const siteUrl = absolute(raw.link, base)
  const feed: Feed = {
    format: raw.format,
    hubs: raw.hubs.map((hub) => absolute(hub, base)).filter((hub) => hub !== undefined),
    ...defined({
      title: raw.title === undefined ? undefined : textOfHtml(raw.title) || undefined,
      description: raw.description === undefined ? undefined : textOfHtml(raw.description) || undefined,
      siteUrl,
      selfUrl: absolute(raw.selfUrl, base),
      language: toLanguage(raw.language),
      ttlMs: raw.ttlMinutes !== undefined && raw.ttlMinutes > 0 ? raw.ttlMinutes * 60_000 : undefined,
    }),
  }
  const ids = new Map<string, number>()
  // Relative addresses are the site's, where the feed lies with a host of feeds.
  const entries = raw.entries
    .slice(0, feedLimits.items)
    .map((entry) => toEntry(entry, raw, feed, base, siteUrl ?? base, ids))
  return {
    outcome: entries.length === 0 ? 'empty' : 'ok',
    feed,
    entries,
    ...((truncated || raw.entries.length > feedLimits.items) && { truncated: true as const }),
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function toEntry(
  raw: RawEntry,
  { author: feedAuthor }: RawFeed,
  feed: Feed,
  base: string,
  siteBase: string,
  ids: Map<string, number>,
): FeedEntry {
  const entryBase = raw.base === undefined ? siteBase : (absolute(raw.base, base) ?? siteBase)
  const link = absolute(raw.link?.trim(), entryBase)
  const content =
    raw.content ??
    (raw.plain === undefined
      ? undefined
      : raw.plain
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replace(/\n\s*\n/g, '<p>'))
  const html = content ?? raw.summary ?? ''
  const { markdown, text } = htmlToMarkdown(html, link ?? entryBase)
  const seed = [base, raw.id ?? '', raw.title ?? '', raw.published ?? '', text].join('\n')
  const url =
    (link === undefined ? undefined : canonicalUrl(link)) ??
    `urn:sha256:${createHash('sha256').update(seed).digest('hex')}`
  const stated = titleOf(raw)
  const title = stated || text.split('\n')[0]?.slice(0, 120).trim() || (link ?? '')
  const id = uniqueId(raw.id?.trim() || url, url, ids)
  const author = raw.author ?? feedAuthor
  const publishedAt = toDate(raw.published)
  const updatedAt = toDate(raw.updated)
  const language = toLanguage(raw.language) ?? feed.language
  const tags = [
    ...new Set(raw.tags.map((tag) => textOfHtml(tag ?? '')).filter((tag) => tag !== '' && tag.length <= 60)),
  ].slice(0, 30)
  return {
    id,
    url,
    title,
    body: markdown,
    kind: 'post',
    summaryOnly: isSummary(raw, text),
    enclosures: raw.enclosures.flatMap(({ url: file, type, bytes }) => {
      const whole = absolute(file, entryBase)
      return whole === undefined ? [] : [{ url: whole, ...defined({ type, bytes }) }]
    }),
    ...(stated === '' && { untitled: true as const }),
    ...(author !== undefined && textOfHtml(author) !== '' && { author: authorOf(textOfHtml(author)) }),
    ...(tags.length > 0 && { tags }),
    ...defined({ publishedAt, updatedAt, language }),
    ...(link !== undefined && link !== url && { aliases: [link] }),
  }
}

const knownTag =
  /<\/?(?:a|b|i|em|strong|span|p|br|div|sup|sub|code|tt|u|font|img|small|mark|wbr|abbr|cite|q|del|ins|s|h[1-6]|script|style)\b[^>]*>/i

/** RSS may give HTML; `Vec<T>` is no HTML. */
function titleOf({ title, titleIsPlain }: RawEntry): string {
  if (title === undefined) return ''
  const line = title.replace(/\s+/g, ' ').trim()
  if (titleIsPlain) return line
  if (knownTag.test(line)) return textOfHtml(line)
  return /&(?:#\d+|#x[\da-f]+|[a-z]{2,8}\d{0,2});/i.test(line) ? textOfHtml(line.replaceAll('<', '&lt;')) : line
}

/** One id for several addresses tells nothing apart: then the address belongs to it. */
function uniqueId(id: string, url: string, ids: Map<string, number>): string {
  const before = ids.get(id) ?? 0
  ids.set(id, before + 1)
  if (before === 0) return id
  const longer = `${id} ${url}`
  const again = ids.get(longer) ?? 0
  ids.set(longer, again + 1)
  return again === 0 ? longer : `${longer} ${again + 1}`
}

const cutOff =
  /(?:\[?(?:…|\.\.\.)\]?|\[&#8230;\]|(?:read|continue|view|see) (?:more|reading|the full|full)\b.{0,60}|the post .{1,200} (?:first )?appeared (?:first )?on .{1,80}|weiterlesen.{0,40}|lire la suite.{0,40}|leer más.{0,40})\s*[»→>.]*$/i

/** No text, a text that ends in dots or in an invitation, or a description that is no more than a paragraph. */
function isSummary({ content, plain }: RawEntry, text: string): boolean {
  if (text === '') return true
  const end = text.slice(-300)
  if (content === undefined && plain === undefined) return text.length < 800 || cutOff.test(end)
  return text.length < 2000 && cutOff.test(end) && /(?:…|\.\.\.|more|reading|weiterlesen|suite|más)/i.test(end)
}
