import type { Article } from '../../article.ts'
import type { Feed, FeedEntry } from '../../feed/feed.ts'
import type { Tools } from '../platform.ts'
import { originOf } from '../rounds.ts'

/** Entries as articles; the whole text of those that are new and give only their beginning comes from their page. */
export async function normalise(
  entries: readonly FeedEntry[],
  feed: Feed,
  tools: Tools,
  mostPages: number,
): Promise<Article[]> {
  const known = await tools.known(entries.map(({ url }) => url))
  const articles: Article[] = []
  let pages = 0
  for (const entry of entries) {
    const isToRead = entry.summaryOnly && /^https?:/.test(entry.url) && !known.has(entry.url)
    // Known, and a summary again: nothing could be won by storing it over the whole.
    if (entry.summaryOnly && known.has(entry.url)) continue
    articles.push(withFeed(isToRead && pages++ < mostPages ? await readWhole(entry, tools) : entry, feed))
  }
  return articles
}

function withFeed(entry: FeedEntry, { title, language }: Feed): Article {
  const { id: _, updatedAt: __, untitled: ___, summaryOnly: ____, enclosures: _____, ...article } = entry
  return {
    ...article,
    // A feed of one writer need not name them in every entry.
    ...(article.author === undefined && title !== undefined && { author: { username: title } }),
    ...(article.language === undefined && language !== undefined && { language }),
  }
}

async function readWhole(entry: FeedEntry, tools: Tools): Promise<FeedEntry> {
  const fetched = await tools.visit(entry.url)
  if (fetched.outcome !== 'ok') return entry
  const page = await tools.readers.readPage({ bytes: fetched.body, contentType: fetched.contentType, url: fetched.url })
  if (page.outcome !== 'ok' || page.article.body.length <= entry.body.length) return entry
  const { url, body, aliases = [] } = page.article
  return {
    ...entry,
    body,
    url,
    origin: originOf(fetched, fetched.body),
    author: entry.author ?? page.article.author,
    publishedAt: entry.publishedAt ?? page.article.publishedAt,
    aliases: [...new Set([...aliases, entry.url, fetched.url].filter((alias) => alias !== url))],
  } as FeedEntry
}
