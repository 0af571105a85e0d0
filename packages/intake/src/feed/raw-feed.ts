import { parseFeed } from 'feedsmith'
import { DomUtils, parseDocument } from 'htmlparser2'
import type { Feed } from './feed.ts'

/** An entry as its feed spells it: nothing resolved, nothing cleaned. */
export interface RawEntry {
  readonly id?: string | undefined
  readonly link?: string | undefined
  readonly title?: string | undefined
  /** The title's markup is meant as letters. */
  readonly titleIsPlain?: boolean
  /** The whole text, as HTML. */
  readonly content?: string | undefined
  /** The whole text without markup. */
  readonly plain?: string | undefined
  /** A description: the whole text in some feeds, its beginning in others. */
  readonly summary?: string | undefined
  readonly author?: string | undefined
  readonly published?: string | undefined
  readonly updated?: string | undefined
  readonly language?: string | undefined
  readonly base?: string | undefined
  readonly tags: readonly (string | undefined)[]
  readonly enclosures: readonly { url?: string | undefined; type?: string | undefined; bytes?: number | undefined }[]
}

export interface RawFeed {
  readonly format: Feed['format']
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly link?: string | undefined
  readonly selfUrl?: string | undefined
  readonly ttlMinutes?: number | undefined
  readonly hubs: readonly (string | undefined)[]
  readonly language?: string | undefined
  readonly base?: string | undefined
  readonly author?: string | undefined
  readonly entries: readonly RawEntry[]
}

type Parsed = ReturnType<typeof parseFeed<string>>
type Of<F extends Parsed['format']> = Extract<Parsed, { format: F }>['feed']
type Link = { readonly rel?: string; readonly href?: string; readonly type?: string; readonly length?: number }

/** @throws whatever feedsmith throws for what it cannot read */
export function rawByFeedsmith(source: string | object): RawFeed {
  const parsed = parseFeed<string>(source)
  if (parsed.format === 'atom') return fromAtom(parsed.feed)
  if (parsed.format === 'json') return fromJson(parsed.feed)
  return fromRss(parsed.format, parsed.feed as Of<'rss'>)
}

const names = (people: readonly { name?: string; email?: string }[] | undefined): string | undefined =>
  people
    ?.map(({ name, email }) => name ?? email)
    .filter(Boolean)
    .join(', ') || undefined
const linkOf = (links: readonly Link[] | undefined, ...rels: (string | undefined)[]): string | undefined => {
  for (const rel of rels) {
    const found = links?.find((link) => link.rel === rel && link.href)
    if (found !== undefined) return found.href
  }
  return undefined
}
const hubsOf = (links: readonly Link[] | undefined): (string | undefined)[] =>
  links?.filter(({ rel }) => rel === 'hub').map(({ href }) => href) ?? []

const periodMinutes: Readonly<Record<string, number>> = {
  hourly: 60,
  daily: 1440,
  weekly: 10_080,
  monthly: 43_200,
  yearly: 525_600,
}

/** RSS and RDF: feedsmith gives both the same names. */
function fromRss(format: 'rss' | 'rdf', feed: Of<'rss'>): RawFeed {
  const { sy } = feed
  const period = periodMinutes[sy?.updatePeriod?.toLowerCase() ?? '']
  return {
    format,
    title: feed.title ?? feed.dc?.titles?.[0],
    description: feed.description,
    link: feed.link ?? linkOf(feed.atom?.links, 'alternate', undefined),
    selfUrl: linkOf(feed.atom?.links, 'self'),
    ttlMinutes: feed.ttl ?? (period === undefined ? undefined : period / Math.max(1, sy?.updateFrequency ?? 1)),
    hubs: hubsOf(feed.atom?.links),
    language: feed.language ?? feed.dc?.languages?.[0] ?? feed.xml?.lang,
    base: feed.xml?.base,
    author: feed.dc?.creators?.[0] ?? feed.itunes?.author ?? names(feed.managingEditor && [feed.managingEditor]),
    entries: (feed.items ?? []).map((item) => ({
      id:
        item.guid?.value ??
        (item as { rdf?: { about?: string } }).rdf?.about ??
        item.atom?.id ??
        item.dc?.identifiers?.[0],
      link:
        item.link ??
        linkOf(item.atom?.links, 'alternate', undefined) ??
        (item.guid?.isPermaLink !== false && /^https?:\/\//.test(item.guid?.value ?? '')
          ? item.guid?.value
          : undefined),
      title: item.title ?? item.dc?.titles?.[0] ?? item.media?.title?.value,
      content: item.content?.encoded ?? item.atom?.content?.value,
      summary:
        item.description ??
        item.dc?.descriptions?.[0] ??
        item.itunes?.summary ??
        item.atom?.summary?.value ??
        item.media?.description?.value,
      author:
        item.dc?.creators?.join(', ') || (names(item.authors) ?? item.itunes?.author ?? names(item.atom?.authors)),
      published: item.pubDate ?? item.dc?.dates?.[0] ?? item.dcterms?.created?.[0] ?? item.atom?.published,
      updated: item.atom?.updated ?? item.dcterms?.modified?.[0],
      language: item.dc?.languages?.[0] ?? item.xml?.lang,
      base: item.xml?.base,
      tags: [
        ...(item.categories?.map(({ name }) => name) ?? []),
        ...(item.dc?.subjects ?? []),
        ...(item.media?.keywords ?? []),
      ],
      enclosures: [
        ...(item.enclosures?.map(({ url, type, length }) => ({ url, type, bytes: length })) ?? []),
        ...(item.media?.contents?.map(({ url, type, fileSize }) => ({ url, type, bytes: fileSize })) ?? []),
      ],
    })),
  }
}

function fromAtom(feed: Of<'atom'>): RawFeed {
  return {
    format: 'atom',
    title: feed.title?.value,
    description: feed.subtitle?.value,
    link: linkOf(feed.links, 'alternate', undefined),
    selfUrl: linkOf(feed.links, 'self'),
    hubs: hubsOf(feed.links),
    language: feed.xml?.lang,
    base: feed.xml?.base,
    author: names(feed.authors),
    entries: (feed.entries ?? []).map((entry) => {
      const { content, title, summary } = entry
      const inText = content?.value !== undefined && content.type === 'text'
      return {
        id: entry.id,
        link: linkOf(entry.links, 'alternate', undefined) ?? content?.src,
        title: title?.value ?? entry.media?.title?.value,
        titleIsPlain: title?.type === 'text',
        content: inText || content?.value === '' ? undefined : content?.value,
        plain: inText ? content?.value : undefined,
        summary: summary?.value ?? entry.media?.groups?.[0]?.description?.value ?? entry.media?.description?.value,
        author: names(entry.authors) ?? entry.dc?.creators?.join(', ') ?? names(entry.source?.authors),
        published: entry.published ?? entry.dc?.dates?.[0] ?? entry.updated,
        updated: entry.updated,
        language: content?.xml?.lang ?? entry.xml?.lang,
        base: joinBases(entry.xml?.base, content?.xml?.base),
        tags: [...(entry.categories?.map(({ label, term }) => label ?? term) ?? []), ...(entry.dc?.subjects ?? [])],
        enclosures:
          (entry.links as readonly Link[] | undefined)
            ?.filter(({ rel }) => rel === 'enclosure')
            .map(({ href, type, length }) => ({ url: href, type, bytes: length })) ?? [],
      }
    }),
  }
}

/** `xml:base` of the content is relative to that of its entry. */
const joinBases = (outer: string | undefined, inner: string | undefined): string | undefined =>
  inner === undefined ? outer : outer !== undefined && URL.canParse(inner, outer) ? new URL(inner, outer).href : inner

function fromJson(feed: Of<'json'>): RawFeed {
  return {
    format: 'json',
    title: feed.title,
    description: feed.description,
    link: feed.home_page_url,
    selfUrl: feed.feed_url,
    hubs: feed.hubs?.map(({ url }) => url) ?? [],
    language: feed.language,
    author: names(feed.authors),
    entries: (feed.items ?? []).map((item) => ({
      id: item.id,
      link: item.url ?? item.external_url,
      title: item.title,
      titleIsPlain: true,
      content: item.content_html,
      plain: item.content_text,
      summary: item.summary,
      author: names(item.authors),
      published: item.date_published,
      updated: item.date_modified,
      language: item.language,
      tags: item.tags ?? [],
      enclosures:
        item.attachments?.map(({ url, mime_type, size_in_bytes }) => ({
          url,
          type: mime_type,
          bytes: size_in_bytes,
        })) ?? [],
    })),
  }
}

/** The few fields that htmlparser2 finds in what feedsmith refuses or reads half of. */
export function rawByHtmlparser(text: string): RawFeed | undefined {
  const document = parseDocument(text, { xmlMode: true, recognizeCDATA: true })
  const feed = DomUtils.getFeed(document.children)
  if (feed === null) return undefined
  return {
    format: feed.type === 'atom' ? 'atom' : feed.type.startsWith('rdf') ? 'rdf' : 'rss',
    title: feed.title,
    description: feed.description,
    link: feed.link,
    author: feed.author,
    hubs: [],
    entries: feed.items.map((item) => ({
      id: item.id,
      link: item.link,
      title: item.title,
      summary: item.description,
      published:
        item.pubDate !== undefined && Number.isFinite(item.pubDate.getTime()) ? item.pubDate.toISOString() : undefined,
      tags: [],
      enclosures: item.media.map(({ url, type, fileSize }) => ({ url, type, bytes: fileSize })),
    })),
  }
}
