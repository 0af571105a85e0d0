import type { Platform } from '@extropy/db'
import type { Article } from '@extropy/intake'

/** Of what an ingest file's keys may hold. */
const limits = { title: 1000, body: 5_000_000, tags: 100, tag: 100, author: 200 }

/** An article as a line of an ingest file: it goes in by the same rules. */
export function articleLine(article: Article, platform: Platform, sourceUrl: string): string {
  const { title, body, author, publishedAt, language, tags = [], metrics = {} } = article
  const name =
    author?.displayName ?? author?.username ?? (URL.parse(sourceUrl)?.host.replace(/^www\./, '') || 'unknown')
  return JSON.stringify({
    platform,
    sourceUrl,
    title: storable(title).slice(0, limits.title).toWellFormed(),
    body: storable(body).slice(0, limits.body).toWellFormed(),
    authors: [storable(name).slice(0, limits.author).toWellFormed()],
    publishedAt: publishedAt?.toISOString(),
    language: language === undefined ? undefined : languageOf(language),
    tags: tags.slice(0, limits.tags).map((tag) => storable(tag).slice(0, limits.tag).toWellFormed()),
    metrics,
  })
}

/** PostgreSQL keeps no NUL, and JSON no half of a character. */
const storable = (text: string) => text.replaceAll('\0', '').toWellFormed()

/** Undefined for what is no language tag: the language is then told from the text. */
function languageOf(tag: string): string | undefined {
  try {
    return new Intl.Locale(tag.trim().replaceAll('_', '-')).language
  } catch {
    return undefined
  }
}
