import { isDeepStrictEqual } from 'node:util'
import { textHash } from '@extropy/intake'
import { siteOf } from '../ingest/article-line.ts'
import type { NewContent } from '../ingest/ingest.schema.ts'

/**
 * Whence a piece comes that is there already. `look`: what its page or feed says now. `archive`: what an export of unknown age, or a copy
 * elsewhere, says.
 * `own`: a file or a record that is itself the source.
 */
export type Provenance = 'look' | 'archive' | 'own'

/**
 * A content that is met again. Decision 86:
 * - What is its own source replaces it.
 * - A look's figures replace those that are kept; of an archive's and those, the greater stand: counts grow, and no export says how old it is.
 * - A look's text replaces the kept one, unless it is less than half as long: a feed's summary. An archive's does where it has other words, and not fewer.
 * - An author, time or tag that only one of the two has stays.
 */
export function mergeContent(before: NewContent, next: NewContent, from: Provenance): NewContent {
  const { platform, sourceUrl } = before
  if (from === 'own') return { ...next, platform, sourceUrl }
  const keepsText = from === 'archive' ? isNoMore(before, next) : next.body.length < before.body.length / 2
  const text = keepsText ? before : next
  const [one, other] = from === 'archive' ? [before, next] : [next, before]
  const others = keepsText ? next : before
  return {
    ...next,
    platform,
    sourceUrl,
    title: text.title,
    body: text.body,
    language: text.language,
    tags: text.tags.length > 0 ? text.tags : others.tags,
    authors: isUnnamed(text) ? others.authors : text.authors,
    publishedAt: one.publishedAt ?? other.publishedAt,
    metrics: {
      ...before.metrics,
      ...next.metrics,
      ...(from === 'archive' ? greater(before.metrics, next.metrics) : {}),
    },
  }
}

const isNoMore = (before: NewContent, next: NewContent) =>
  next.body.length < before.body.length || textHash(next.body || next.title) === textHash(before.body || before.title)

/** Only the site's name stands for the author. */
const isUnnamed = ({ authors: [first, ...more], sourceUrl }: NewContent) =>
  more.length === 0 && first?.displayName === siteOf(sourceUrl)

type Metrics = NewContent['metrics']

/** Of figures that both have the greater one; of all else that both have what is kept. */
function greater(before: Metrics, next: Metrics): Metrics {
  return Object.fromEntries(
    Object.entries(before)
      .filter(([name]) => name in next)
      .map(([name, kept]) => {
        const given = next[name]
        return [name, typeof kept === 'number' && typeof given === 'number' ? Math.max(kept, given) : kept]
      }),
  )
}

/** Whether storing one over the other would change nothing. */
export function isSameContent(one: NewContent, other: NewContent): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other))
}

/** Of metrics, the order of the keys does not count; times are compared as moments. */
function comparable({ publishedAt, metrics, ...content }: NewContent) {
  const json: unknown = JSON.parse(JSON.stringify(metrics))
  return { ...content, metrics: json, publishedAt: publishedAt === null ? null : Date.parse(publishedAt) }
}
