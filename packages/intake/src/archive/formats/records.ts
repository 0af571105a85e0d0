import { type ArchiveItem, type Found, item, problem } from '../archive-event.ts'
import type { Entry } from '../container/container.ts'
import type { Part } from '../read-context.ts'
import { csvRows } from '../text/csv.ts'
import { parseDate } from '../text/dates.ts'
import { utf8Chunks } from '../text/decode.ts'
import { JsonCutError, jsonElements } from '../text/json-elements.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf } from './json-records.ts'
import { authorOf, webUrl } from './urn.ts'

/** Other tools' words for the keys of an ingest file. */
const synonyms: Readonly<Record<string, string>> = {
  sourceurl: 'source_url',
  url: 'source_url',
  link: 'source_url',
  text: 'body',
  content: 'body',
  markdown: 'body',
  publishedat: 'published_at',
  published: 'published_at',
  date: 'published_at',
  created_at: 'published_at',
  lang: 'language',
  headline: 'title',
}

/** A table whose header has the keys of an ingest file, or words that are used for them. */
export async function* readCsv(part: Part): AsyncGenerator<Found> {
  for await (const row of csvRows(part.entry)) {
    if ('type' in row) {
      yield row
      continue
    }
    const record: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(row.values)) {
      const key = synonyms[name] ?? name
      if (value.trim() !== '') record[key] ??= cell(key, value)
    }
    yield* toFound(JSON.stringify(record), record, `row ${row.number}`)
  }
}

function cell(key: string, value: string): unknown {
  if (key === 'published_at') return parseDate(value)?.toISOString() ?? value
  if (key === 'metrics') return parse(value) ?? value
  if (key !== 'tags') return value
  const list = parse(value)
  return Array.isArray(list) ? list : value.split(/[,;|]/).map((tag) => tag.trim())
}

/** A JSON array of what an ingest file has on its lines. */
export async function* readJsonArray(part: Part): AsyncGenerator<Found> {
  let number = 0
  try {
    for await (const { text } of jsonElements(utf8Chunks(part.entry), [''])) {
      yield* toFound(text, parse(text), `entry ${++number}`)
    }
  } catch (error) {
    if (!(error instanceof JsonCutError)) throw error
    yield problem('cut', `${error.message} behind ${number} whole entries, which came in`)
  }
}

/** An ingest file among other files. */
export async function* readJsonLines(part: Part): AsyncGenerator<Found> {
  let number = 0
  for await (const text of lines(part.entry)) {
    number++
    if (text.trim() !== '') yield* toFound(text, parse(text), `line ${number}`)
  }
}

function* toFound(text: string, value: unknown, place: string): Generator<Found> {
  if (!isObject(value)) {
    yield problem('bad-record', `${place} is no JSON object`)
    return
  }
  const keys = byIngestKey(value)
  const url = webUrl(keys.source_url)
  if (url === undefined) {
    yield problem('no-url', `${place} has no source_url, which is a content's identity`)
    return
  }
  const record = withKeys(text, value, keys)
  yield item(toItem(keys, url, record))
}

/** As it is where its keys are ingest's own: numbers keep all their digits. */
function withKeys(text: string, value: JsonObject, keys: JsonObject): string {
  return value.source_url === undefined && value.sourceUrl === undefined ? JSON.stringify(keys) : text.trim()
}

function byIngestKey(value: JsonObject): JsonObject {
  const record: Record<string, unknown> = {}
  for (const [name, of] of Object.entries(value)) {
    const key = name.toLowerCase()
    record[synonyms[key] ?? key] ??= of
  }
  return record
}

function toItem(keys: JsonObject, url: string, record: string): ArchiveItem {
  const platform = textOf(keys.platform)?.trim().toLowerCase()
  const publishedAt = parseDate(keys.published_at)
  const author = authorOf(textOf(keys.author) ?? textOf(listOf(keys.authors)[0]))
  const language = textOf(keys.language)
  return {
    id: textOf(keys.id) ?? url,
    kind: textOf(keys.kind) ?? 'post',
    platform:
      platform === 'rss' || platform === 'youtube' || platform === 'reddit' || platform === 'twitter'
        ? platform
        : 'web',
    url,
    title: textOf(keys.title) ?? '',
    body: textOf(keys.body) ?? '',
    ...(author && { author }),
    ...(publishedAt && { publishedAt }),
    ...(language && { language }),
    tags: listOf(keys.tags).flatMap((tag) => textOf(tag) ?? []),
    metrics: Object.fromEntries(
      Object.entries(objectOf(keys.metrics)).filter(([, count]) => typeof count === 'number'),
    ) as Record<string, number>,
    record,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Longer ones are no content. */
const maxLineBytes = 32 * 2 ** 20

async function* lines(entry: Entry): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of utf8Chunks(entry)) {
    let from = 0
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([rest, chunk.subarray(from, at)]).toString('utf8')
      rest = Buffer.alloc(0)
      from = at + 1
    }
    rest = Buffer.concat([rest, chunk.subarray(from)])
    if (rest.length > maxLineBytes) rest = Buffer.alloc(0)
  }
  if (rest.length > 0) yield rest.toString('utf8')
}
