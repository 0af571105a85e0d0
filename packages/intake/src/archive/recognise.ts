import { csvHeader } from './text/csv.ts'
import { decodeHead } from './text/decode.ts'

/** One file's format, or what keeps it from being read. */
export type Recognised =
  | { readonly kind: Kind }
  /** `x:tweets`: the script's own name for what it holds. */
  | { readonly kind: 'x'; readonly name: string }
  | { readonly kind: 'unknown'; readonly is: string }

export type Kind =
  | 'empty'
  | 'zip'
  | 'reddit-posts'
  | 'reddit-comments'
  | 'reddit-statistics'
  | 'substack'
  | 'medium'
  | 'ghost'
  | 'wordpress'
  | 'mastodon-outbox'
  | 'mastodon-actor'
  | 'mastodon-other'
  | 'srt'
  | 'vtt'
  | 'json3'
  | 'pocket-html'
  | 'pocket-csv'
  | 'instapaper'
  | 'bookmarks'
  | 'opml'
  | 'markdown'
  | 'text'
  | 'csv'
  | 'json-array'
  | 'json-lines'

const signatures: readonly (readonly [hex: string, is: string])[] = [
  ['89504e47', 'a PNG picture'],
  ['ffd8ff', 'a JPEG picture'],
  ['47494638', 'a GIF picture'],
  ['25504446', 'a PDF'],
  ['28b52ffd', 'compressed by zstd: unpack it, or use gzip'],
  ['fd377a585a00', 'compressed by xz: unpack it, or use gzip'],
  ['425a68', 'compressed by bzip2: unpack it, or use gzip'],
  ['526172211a07', 'a RAR archive: unpack it, and name the folder'],
  ['377abcaf271c', 'a 7z archive: unpack it, and name the folder'],
  ['53514c69746520666f726d6174', 'an SQLite database'],
]

const unknown = (is: string): Recognised => ({ kind: 'unknown', is })
const known = (kind: Kind): Recognised => ({ kind })

/** Tells a file by its first bytes. Its name only settles what bytes cannot: that prose is Markdown, or prose at all. */
export function recognise(head: Buffer, path: string, isOneFile: boolean): Recognised {
  if (head.length === 0) return known('empty')
  const hex = head.subarray(0, 16).toString('hex')
  if (/^504b0(304|506|708)/.test(hex)) return known('zip')
  const signature = signatures.find(([bytes]) => hex.startsWith(bytes))
  if (signature !== undefined) return unknown(signature[1])
  if (head.subarray(257, 262).toString('latin1') === 'ustar')
    return unknown('a tar archive: unpack it, and name the folder')

  const text = decodeHead(head).replace(/^\uFEFF/, '')
  if (text.includes('\0')) return unknown('binary')
  const start = text.trimStart()
  if (start === '') return known('empty')

  const script = /^(?:window\.YTD|Grailbird\.data)\.([a-z_]+?)(?:_?\d+(?:_\d+)*)?(?:\.part\d+)?\s*=/.exec(start)
  if (script !== null) return { kind: 'x', name: script[1] ?? '' }
  if (/^WEBVTT(\s|$)/.test(start)) return known('vtt')
  if (/^(?:\d+[^\S\n]*\r?\n)?\d{1,2}:\d\d:\d\d[,.]\d{1,3}\s*-->/.test(start)) return known('srt')
  if (start.startsWith('<')) return ofMarkup(start)
  const extension = /\.(\w+)(?:\.gz)?$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const isMarkdown = /^(md|markdown|mdown|mkd|mdx)$/.test(extension)
  if (/^---[^\S\n]*\r?\n[\s\S]*?\n(---|\.\.\.)[^\S\n]*(\r?\n|$)/.test(start) || /^\+\+\+[^\S\n]*\r?\n/.test(start)) {
    return known('markdown')
  }
  if (isMarkdown) return known('markdown')
  if (/^\{|^\[\s*[{\]]/.test(start)) return ofJson(start, isOneFile)
  const table = ofTable(start)
  if (table !== undefined) return table
  if (/^(txt|text)$/.test(extension) || (isOneFile && extension === '')) return known('text')
  if (/^(csv|tsv)$/.test(extension)) {
    const columns = csvHeader(start).slice(0, 8).join(', ').slice(0, 200)
    return unknown(`a table with the columns ${columns}: it needs source_url, title or body, and author`)
  }
  return unknown('some other text')
}

function ofMarkup(start: string): Recognised {
  if (/NETSCAPE-Bookmark-file/i.test(start.slice(0, 2000))) return known('bookmarks')
  if (/<opml[\s>]/i.test(start)) return known('opml')
  if (/xmlns:wp\s*=|<wp:wxr_version>/.test(start)) return known('wordpress')
  if (/<a\s[^>]*\btime_added=/i.test(start) || /<title>\s*Pocket Export/i.test(start)) return known('pocket-html')
  if (/class="[^"]*\bh-entry\b/.test(start) && /class="[^"]*\bp-name\b|data-field="body"/.test(start)) {
    return known('medium')
  }
  if (/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(rss|feed|rdf:RDF)[\s>]/i.test(start))
    return unknown('a feed: pnpm follow reads it')
  return unknown(/<(html|body|!doctype html|head|div|p)[\s>]/i.test(start) ? 'a web page' : 'XML of another kind')
}

function ofJson(start: string, isOneFile: boolean): Recognised {
  if (/"orderedItems"\s*:/.test(start) && /OrderedCollection/.test(start)) {
    const isOutbox = /"id"\s*:\s*"[^"]*outbox[^"]*"/.test(start) || /"type"\s*:\s*"(Create|Announce)"/.test(start)
    return known(isOutbox ? 'mastodon-outbox' : 'mastodon-other')
  }
  if (/"outbox"\s*:/.test(start) && /"preferredUsername"\s*:/.test(start)) return known('mastodon-actor')
  if (/^\{\s*"db"\s*:\s*\[/.test(start) || (/"exported_on"\s*:/.test(start) && /"data"\s*:\s*\{/.test(start))) {
    return known('ghost')
  }
  if (/^\{[\s\S]*"events"\s*:\s*\[/.test(start) && /"(tStartMs|wireMagic)"/.test(start)) return known('json3')
  // Many programs keep JSON beside what people write: among other files, only contents with an address are taken.
  const hasAddress = /"(source_?url|url|link)"\s*:/i.test(start)
  if (start.startsWith('[')) return isOneFile || hasAddress ? known('json-array') : unknown('a list without addresses')
  if (/^\{\s*\n/.test(start)) return unknown('JSON over several lines: write a list of objects, or one object a line')
  return isOneFile || hasAddress ? known('json-lines') : unknown('JSON of another kind')
}

function ofTable(start: string): Recognised | undefined {
  const columns = new Set(csvHeader(start))
  const has = (...names: string[]) => names.every((name) => columns.has(name))
  if (columns.size < 2) return undefined
  // Before all else: a message has a sender and a receiver, and is nobody's to publish.
  if (has('from', 'to')) return unknown('a table of messages, which are private')
  if (has('id', 'permalink', 'date', 'subreddit')) {
    if (has('title')) return known('reddit-posts')
    if (has('body')) return known('reddit-comments')
  }
  if (has('statistic', 'value')) return known('reddit-statistics')
  if (has('post_id', 'is_published')) return known('substack')
  if (has('url', 'time_added')) return known('pocket-csv')
  if (has('url', 'title', 'selection', 'folder')) return known('instapaper')
  const hasAddress = ['source_url', 'sourceurl', 'url', 'link'].some((name) => columns.has(name))
  const hasText = ['title', 'body', 'text', 'content'].some((name) => columns.has(name))
  return hasAddress && hasText ? known('csv') : undefined
}
