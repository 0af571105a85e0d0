import { decodeText } from '../../charset/decode-text.ts'
import type { FeedEntry } from '../../feed/feed.ts'
import type { Taken } from '../../fetch/fetched.ts'
import { originOf } from '../rounds.ts'

/**
 * Entries, each with its own part of the feed as it was written. The feed itself is kept by nobody: it may name a reader's own address of
 * it, with a secret in it.
 */
export function withOrigins(entries: readonly FeedEntry[], fetched: Taken): FeedEntry[] {
  const parts = partsOf(decodeText(fetched.body, fetched.contentType).text)
  let next = 0
  return entries.map((entry) => {
    // Both are in the feed's order: a part that is passed over was no entry.
    const found = parts.slice(next, next + mostPassedOver).findIndex((part) => names(part, entry.id))
    const part = found < 0 ? undefined : parts[next + found]
    next += found + 1
    return { ...entry, origin: originOf(fetched, part) }
  })
}

/** A long feed whose entries are not found in it costs little time. */
const mostPassedOver = 20

const names = (part: string, id: string) => part.includes(id) || part.includes(id.replaceAll('&', '&amp;'))

function partsOf(text: string): string[] {
  if (/^\s*\{/.test(text)) return partsOfJson(text)
  const parts: string[] = []
  const begin = /<((?:\w+:)?(?:item|entry))[\s>]/g
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const close = `</${match[1]}>`
    const end = text.indexOf(close, match.index)
    if (end < 0) break
    begin.lastIndex = end + close.length
    parts.push(text.slice(match.index, begin.lastIndex))
  }
  return parts
}

function partsOfJson(text: string): string[] {
  try {
    const { items } = JSON.parse(text) as { items?: unknown }
    return Array.isArray(items) ? items.map((item) => JSON.stringify(item, null, 2)) : []
  } catch {
    return []
  }
}
