import type { Platform } from '@extropy/db'
import type { ArchiveItem, Article } from '@extropy/intake'
import { languageCode } from '../language/language-code.ts'
import { storableText } from '../storable-text.ts'
import type { Line } from './read-lines.ts'

/** Of what an ingest file's keys may hold. */
const limits = { title: 1000, body: 5_000_000, tags: 100, tag: 100, author: 200 }

/** An article of a page or a feed, or an archive's item. */
export type Piece = Article & Partial<ArchiveItem>

/** A piece as a line of an ingest file: one way in has all the rules, and one that is rejected can be mended and ingested. */
export function articleLine(piece: Piece, number: number, options: LineOptions): Line {
  const text = textOf(piece, options.platform)
  const { place } = options
  return { number, bytes: Buffer.from(text), text, ...(place === undefined ? {} : { place }) }
}

interface LineOptions {
  readonly platform: Platform
  /** Where it stands, for whoever has to mend it. */
  readonly place?: string | undefined
}

function textOf(piece: Piece, platform: Platform): string {
  const { record } = piece
  if (record === undefined) return JSON.stringify(contentOf(piece, platform))
  if (/"authors?"\s*:/i.test(record)) return record
  return `${record.replace(/\}\s*$/, '')},${JSON.stringify({ authors: authorsOf(piece, platform) }).slice(1)}`
}

function contentOf(piece: Piece, platform: Platform) {
  const { url, publishedAt, language, tags = [], metrics = {} } = piece
  return {
    platform,
    source_url: url,
    title: storableText(piece.title, limits.title),
    body: storableText(bodyOf(piece), limits.body),
    authors: authorsOf(piece, platform),
    published_at: publishedAt?.toISOString(),
    language: language === undefined ? undefined : languageCode(language.trim().replaceAll('_', '-')),
    tags: tags.slice(0, limits.tags).map((tag) => storableText(tag, limits.tag)),
    metrics,
  }
}

/** A subtitle and a content warning are read before the text, where they do not stand in it. */
function bodyOf({ subtitle, summary, body }: Piece): string {
  const leads = [summary, subtitle].filter((lead) => lead !== undefined && !body.includes(lead))
  return [...leads.map((lead) => `*${lead}*`), body].join('\n\n')
}

/** A handle where that is what people know each other by; without any name, the site. */
function authorsOf({ author, url }: Piece, platform: Platform): [string] {
  const isKnownByHandle = platform === 'twitter' || platform === 'reddit'
  const name = isKnownByHandle ? author?.username : (author?.displayName ?? author?.username)
  return [storableText(name ?? siteOf(url), limits.author)]
}

/** Stands for the author of what names none. */
export function siteOf(url: string): string {
  return URL.parse(url)?.host.replace(/^www\./, '') || 'unknown'
}
