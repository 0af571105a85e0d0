import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { ArchiveError } from './archive-error.ts'
import { type ArchiveEvent, type Found, problem, type SkipReason, skipped } from './archive-event.ts'
import { byPath, type Container, type Entry } from './container/container.ts'
import { openFile, openFolder } from './container/folder.ts'
import { nameOf, openNestedZip, openZip } from './container/zip.ts'
import { readBookmarks, readPocketHtml } from './formats/bookmarks.ts'
import { readCaptionFile } from './formats/captions.ts'
import { readGhost } from './formats/ghost.ts'
import { readMarkdown } from './formats/markdown.ts'
import { readMastodon } from './formats/mastodon.ts'
import { readMedium } from './formats/medium.ts'
import { readOpml } from './formats/opml.ts'
import { readCsv, readJsonArray, readJsonLines } from './formats/records.ts'
import { readReddit } from './formats/reddit.ts'
import { readSavedLinks } from './formats/saved-links.ts'
import { readSubstack } from './formats/substack.ts'
import { readWordpress } from './formats/wordpress.ts'
import { readX } from './formats/x.ts'
import type { Part, ReadArchiveOptions, ReadContext, Reader } from './read-context.ts'
import { type Kind, recognise } from './recognise.ts'
import { SeenKeys } from './seen-keys.ts'
import { headOf, TooLargeError } from './text/decode.ts'
import { HtmlLimitError } from './text/html.ts'
import { createMarkdownThread, type MarkdownThread } from './text/markdown-thread.ts'

export const readableFormats =
  'exports of X, Reddit, Substack, Medium, Ghost, WordPress, Mastodon, Pocket and Instapaper, captions (SRT, VTT, JSON), bookmarks, OPML, Markdown, plain text, CSV, JSON arrays and JSON Lines, as files, folders or zips'

type Readable = Exclude<Kind, 'empty' | 'zip' | 'mastodon-actor' | 'mastodon-other' | 'reddit-statistics'> | 'x'

const readers: Readonly<Record<Readable, { readonly format: string; readonly read: Reader }>> = {
  x: { format: 'x', read: readX },
  'reddit-posts': { format: 'reddit', read: readReddit },
  'reddit-comments': { format: 'reddit', read: readReddit },
  substack: { format: 'substack', read: readSubstack },
  medium: { format: 'medium', read: readMedium },
  ghost: { format: 'ghost', read: readGhost },
  wordpress: { format: 'wordpress', read: readWordpress },
  'mastodon-outbox': { format: 'mastodon', read: readMastodon },
  srt: { format: 'captions', read: readCaptionFile },
  vtt: { format: 'captions', read: readCaptionFile },
  json3: { format: 'captions', read: readCaptionFile },
  'pocket-html': { format: 'pocket', read: readPocketHtml },
  'pocket-csv': { format: 'pocket', read: readSavedLinks },
  instapaper: { format: 'instapaper', read: readSavedLinks },
  bookmarks: { format: 'bookmarks', read: readBookmarks },
  opml: { format: 'opml', read: readOpml },
  markdown: { format: 'markdown', read: readMarkdown },
  text: { format: 'text', read: readMarkdown },
  csv: { format: 'csv', read: readCsv },
  'json-array': { format: 'json', read: readJsonArray },
  'json-lines': { format: 'json-lines', read: readJsonLines },
}

const readerOf = (part: Part) => (part.kind in readers ? readers[part.kind as Readable] : undefined)

/** Of these exports nothing but what their readers ask for is read: what else lies there is private, or other people's. */
const closed: ReadonlySet<string> = new Set(['x', 'reddit', 'substack', 'medium', 'mastodon'])

/**
 * Reads what a person exported or wrote: a file, a folder or a zip. Formats are told by content. Streams: neither the
 * archive nor its largest file is ever in memory as a whole. The last event is `end`.
 *
 * ```ts
 * for await (const event of readArchive('twitter-2025.zip', {})) if (event.type === 'item') await store(event.item)
 * ```
 *
 * @throws ArchiveError where nothing of it can be read, before any item.
 */
export async function* readArchive(path: string, options: ReadArchiveOptions = {}): AsyncGenerator<ArchiveEvent> {
  const container = await open(path)
  const counts = { formats: new Set<string>(), items: 0, feeds: 0, problems: 0, skipped: new Map<SkipReason, number>() }
  const after = options.after === undefined ? undefined : parsePosition(options.after)
  let passed = after === undefined
  let entry: string | undefined
  let index = 0
  const thread = createMarkdownThread(options.markdown)
  try {
    for await (const { found, at, format } of readContainer(container, options, thread, 0)) {
      options.signal?.throwIfAborted()
      index = at === entry ? index + 1 : 0
      entry = at
      if (format !== undefined) counts.formats.add(format)
      if (found.type === 'item') counts.items++
      else if (found.type === 'feed') counts.feeds++
      else if (found.type === 'problem') counts.problems++
      else counts.skipped.set(found.reason, (counts.skipped.get(found.reason) ?? 0) + 1)
      // Read again instead of jumped over: what has been seen once, and who the author is, must be known behind it too.
      if (passed) yield { ...found, entry: at, position: positionOf(at, index) }
      else passed = at === after?.entry && index === after.index
    }
    if (!passed)
      throw new ArchiveError('bad-position', 'has nothing at the position to go on from: read it from its start')
    const { formats, skipped: byReason, ...numbers } = counts
    yield { type: 'end', totals: { ...numbers, formats: [...formats], skipped: Object.fromEntries(byReason) } }
  } finally {
    await thread.close()
    await container.close()
  }
}

const positionOf = (entry: string, index: number) => Buffer.from(JSON.stringify([entry, index])).toString('base64url')

function parsePosition(position: string): { entry: string; index: number } {
  try {
    const [entry, index] = JSON.parse(Buffer.from(position, 'base64url').toString('utf8'))
    if (typeof entry === 'string' && Number.isSafeInteger(index)) return { entry, index }
  } catch {}
  throw new ArchiveError(
    'bad-position',
    `cannot be read from ${JSON.stringify(position.slice(0, 60))}: that is no position`,
  )
}

async function open(path: string): Promise<Container> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const message = cause.code === 'ENOENT' ? 'is not there' : `cannot be opened: ${cause.message}`
    throw new ArchiveError(cause.code === 'ENOENT' ? 'not-found' : 'unreadable', message, { cause })
  })
  if (info.isDirectory()) return await openFolder(path)
  if (info.size === 0) throw new ArchiveError('empty', 'is empty')
  const container = await openFile(path, info.size)
  const head = await headOf(container.entries[0] as Entry).catch((cause: Error) => {
    throw cause instanceof ArchiveError
      ? cause
      : new ArchiveError('cut', `cannot be unpacked: ${cause.message}`, { cause })
  })
  return recognise(head, path, true).kind === 'zip' ? await openZip(path, nameOf(path), info.size) : container
}

interface Placed {
  readonly found: Found
  readonly at: string
  readonly format?: string
}

async function* readContainer(
  container: Container,
  options: ReadArchiveOptions,
  thread: MarkdownThread,
  depth: number,
): AsyncGenerator<Placed> {
  for (const { entry, found } of container.problems) yield { found, at: entry }
  if (container.entries.length === 0) throw new ArchiveError('empty', 'has no file in it')
  const parts = await recogniseAll(container)
  const readable = parts.filter((part) => part.kind === 'zip' || readerOf(part) !== undefined)
  if (readable.length === 0) throw unknownFormat(parts, container.isOneFile)

  const context = createContext(container, parts, options, thread)
  const roots = closedRoots(parts)
  for (const part of parts) {
    const { path } = part.entry
    const reader = readerOf(part)
    const inside = roots.find(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    if (part.kind === 'zip') {
      for await (const placed of readNested(part, options, thread, depth))
        yield { ...placed, at: `${path}!${placed.at}` }
    } else if (part.kind === 'empty') {
      const isExpected = inside === undefined || inside.folders.has(posix.dirname(path))
      if (isExpected) yield { found: problem('empty', 'is empty'), at: path }
    } else if (reader === undefined || (inside !== undefined && !closed.has(reader.format))) {
      yield* leftOut(part, inside)
    } else {
      for await (const found of readPart(part, reader.read, context)) yield { found, at: path, format: reader.format }
    }
  }
}

/** A fault in one file leaves the others alone. */
async function* readPart(part: Part, read: Reader, context: ReadContext): AsyncGenerator<Found> {
  try {
    yield* read(part, context)
  } catch (error) {
    if (error instanceof HtmlLimitError || error instanceof TooLargeError) yield problem('too-large', error.message)
    else if (error instanceof ArchiveError) throw error
    else if (isDamage(error)) yield problem('cut', `cannot be unpacked: ${(error as Error).message}`)
    else throw error
  }
}

/** Of zlib and of yauzl, which tell by a code and by nothing. */
const isDamage = (error: unknown) => {
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  return (
    /^(Z_|ERR_STREAM_PREMATURE_CLOSE)/.test(code) ||
    /bytes in the stream|unexpected EOF|compressed|local file header|crc/i.test(message)
  )
}

async function* readNested(
  part: Part,
  options: ReadArchiveOptions,
  thread: MarkdownThread,
  depth: number,
): AsyncGenerator<Placed> {
  if (depth > 0) {
    yield { found: problem('nested-zip', 'is a zip inside a zip inside a zip: unpack it'), at: '' }
    return
  }
  let nested: Container | undefined
  try {
    nested = await openNestedZip(part.entry)
    yield* readContainer(nested, options, thread, depth + 1)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    yield { found: problem(error.code === 'encrypted' ? 'encrypted' : 'unreadable', error.message), at: '' }
  } finally {
    await nested?.close()
  }
}

/** Names of files that are never text, which spares opening each of an archive's 100,000 pictures. */
const media =
  /\.(jpe?g|png|gif|webp|avif|heic|svg|ico|bmp|tiff?|mp[34]|m4[av]|mov|webm|og[gv]|wav|flac|pdf|woff2?|ttf|otf|css|map)$/i

async function recogniseAll({ entries, isOneFile }: Container): Promise<Part[]> {
  const parts: Part[] = []
  for (const entry of entries) {
    if (!isOneFile && media.test(entry.path)) parts.push({ entry, kind: 'unknown', is: 'a picture or the like' })
    else {
      const head = await headOf(entry).catch((error: Error) => error)
      if (head instanceof ArchiveError) throw head
      if (head instanceof Error) parts.push({ entry, kind: 'unknown', is: `damaged: ${head.message}` })
      else parts.push({ entry, ...recognise(head, entry.path, isOneFile) })
    }
  }
  // X's long texts come last: posts take theirs from them, and the rest is read then.
  const isLast = (part: Part) => Number(part.kind === 'x' && part.name === 'note_tweet')
  return parts.sort((one, other) => isLast(one) - isLast(other) || byPath(one.entry, other.entry))
}

interface ClosedRoot {
  readonly folder: string
  /** Where its own files lie. */
  readonly folders: ReadonlySet<string>
}

/** The folders that belong to a closed export: above `data/tweets.js` and `posts/a.html`, around `posts.csv`. */
function closedRoots(parts: readonly Part[]): ClosedRoot[] {
  const roots = new Map<string, Set<string>>()
  for (const part of parts) {
    const reader = readerOf(part)
    if (reader === undefined || !closed.has(reader.format)) continue
    const own = posix.dirname(part.entry.path)
    const isInner = /^(data|posts)$/.test(posix.basename(own)) && (reader.format === 'x' || reader.format === 'medium')
    const folder = isInner ? posix.dirname(own) : own
    const key = folder === '.' ? '' : folder
    roots.set(key, (roots.get(key) ?? new Set()).add(own))
  }
  return [...roots].map(([folder, folders]) => ({ folder, folders }))
}

function* leftOut(part: Part, inside: ClosedRoot | undefined): Generator<Placed> {
  const at = part.entry.path
  const isDamaged = part.kind === 'unknown' && part.is.startsWith('damaged')
  if (isDamaged && inside === undefined) yield { found: problem('unreadable', `is ${part.is}`), at }
  else if (part.kind === 'unknown' && inside === undefined && /messages/.test(part.is))
    yield { found: skipped('private', at), at }
  else yield { found: skipped('not-content', at), at }
}

function unknownFormat(parts: readonly Part[], isOneFile: boolean): ArchiveError {
  const first = parts[0]
  if (parts.every(({ kind }) => kind === 'empty')) return new ArchiveError('empty', 'has nothing in it')
  const is = (part: Part) =>
    part.kind === 'unknown' ? part.is : part.kind === 'empty' ? 'empty' : 'only a part of an export'
  const found =
    isOneFile && first !== undefined ? `is ${is(first)}` : `has nothing that can be read: ${named(parts, is)}`
  return new ArchiveError('unknown-format', `${found}. What can be read: ${readableFormats}`)
}

function named(parts: readonly Part[], is: (part: Part) => string): string {
  const some = parts.slice(0, 3).map((part) => `${part.entry.path} is ${is(part)}`)
  return parts.length > 3 ? `${some.join('; ')}; and ${parts.length - 3} more` : some.join('; ')
}

function createContext(
  container: Container,
  parts: readonly Part[],
  options: ReadArchiveOptions,
  thread: MarkdownThread,
): ReadContext {
  const seen = new SeenKeys()
  const loaded = new Map<string, Promise<unknown>>()
  return {
    name: container.name,
    parts,
    entries: new Map(container.entries.map((entry) => [entry.path, entry])),
    options,
    isNew: (key) => seen.add(key),
    toMarkdown: thread.toMarkdown,
    once<T>(key: string, load: () => Promise<T>): Promise<T> {
      const promise = loaded.get(key) ?? load()
      loaded.set(key, promise)
      return promise as Promise<T>
    },
  }
}
