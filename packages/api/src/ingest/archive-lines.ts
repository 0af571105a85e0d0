import type { ArchiveEvent, ArchiveItem } from '@extropy/intake'
import { languageCode } from '../language/language-code.ts'
import type { Line } from './read-lines.ts'

/** Of what an ingest file's keys may hold. */
const limits = { title: 1000, tags: 100, tag: 100, author: 200 }

/**
 * An archive's items as lines of an ingest file, so that one way in has all the rules; a rejected one can be mended and
 * ingested. `onOther` hears of everything that is no content.
 */
export async function* archiveLines(
  events: AsyncIterable<ArchiveEvent>,
  onOther: (event: Exclude<ArchiveEvent, { type: 'item' }>) => void,
): AsyncGenerator<Line> {
  let number = 0
  for await (const event of events) {
    if (event.type !== 'item') {
      onOther(event)
      continue
    }
    number++
    const text = lineOf(event.item)
    yield { number, place: `${event.entry}, ${event.item.id}`, bytes: Buffer.from(text), text }
  }
}

function lineOf(item: ArchiveItem): string {
  if (item.record === undefined) return JSON.stringify(contentOf(item))
  if (/"authors?"\s*:/i.test(item.record)) return item.record
  return `${item.record.replace(/\}\s*$/, '')},${JSON.stringify({ authors: authorsOf(item) }).slice(1)}`
}

function contentOf(item: ArchiveItem) {
  const { platform, url, publishedAt, language, tags = [], metrics = {} } = item
  return {
    platform,
    source_url: url,
    title: storable(item.title).slice(0, limits.title),
    body: bodyOf(item),
    authors: authorsOf(item),
    published_at: publishedAt?.toISOString(),
    language: language === undefined ? undefined : (languageCode(language) ?? undefined),
    tags: tags.slice(0, limits.tags).map((tag) => storable(tag).slice(0, limits.tag)),
    metrics,
  }
}

/** A subtitle and a content warning are read before the text, where they do not stand in it. */
function bodyOf({ subtitle, summary, body }: ArchiveItem): string {
  const leads = [summary, subtitle].filter((lead) => lead !== undefined && !body.includes(lead))
  return storable([...leads.map((lead) => `*${lead}*`), body].join('\n\n'))
}

/** A handle where that is what people know each other by; without any name, the site. */
function authorsOf({ platform, author, url }: ArchiveItem): [string] {
  const isKnownByHandle = platform === 'twitter' || platform === 'reddit'
  const name = isKnownByHandle ? author?.username : (author?.displayName ?? author?.username)
  return [storable(name ?? (URL.parse(url)?.host.replace(/^www\./, '') || 'unknown')).slice(0, limits.author)]
}

/** PostgreSQL keeps no NUL, and JSON no half of a character. */
const storable = (text: string) => text.replaceAll('\0', '').toWellFormed()
