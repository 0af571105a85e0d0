import { YAMLParseError } from 'yaml'
import { type Found, item, problem, skipped } from '../archive-event.ts'
import { nameOf } from '../container/zip.ts'
import type { Part, ReadContext } from '../read-context.ts'
import { parseDate } from '../text/dates.ts'
import { wholeText } from '../text/decode.ts'
import { splitFrontMatter } from '../text/front-matter.ts'
import { isObject, textOf } from './json-records.ts'
import { authorOf, urn, webUrl } from './urn.ts'

/** A Markdown file with or without front matter, as Hugo, Jekyll, Obsidian and others have them; or plain text. */
export async function* readMarkdown(part: Part, context: ReadContext): AsyncGenerator<Found> {
  const { path } = part.entry
  const text = (await wholeText(part.entry)).replace(/^\uFEFF/, '')
  let document: ReturnType<typeof splitFrontMatter>
  try {
    document = part.kind === 'text' ? { matter: {}, body: text } : splitFrontMatter(text)
  } catch (error) {
    if (!(error instanceof YAMLParseError || error instanceof SyntaxError || error instanceof ReferenceError))
      throw error
    yield problem('bad-record', `its front matter cannot be read: ${error.message.split('\n', 1)[0]}`, path)
    return
  }
  const matter = byLowerKey(document.matter)
  const reason = hiddenBy(matter, path)
  if (reason !== undefined) {
    yield skipped(reason, path)
    return
  }
  const name = nameOf(path)
  const dated = /^(\d{4}-\d\d-\d\d)[-_ ](.+)$/.exec(name)
  const heading = part.kind === 'text' ? undefined : /^\s*#[^\S\n]+(.+?)#*\s*(?:\n|$)/.exec(document.body)
  const title = textOf(matter.title)?.trim() ?? heading?.[1]?.trim() ?? wordsOf(dated?.[2] ?? name)
  // A heading that is the title is not said twice.
  const body = (
    heading !== null && heading !== undefined && heading[1]?.trim() === title
      ? document.body.slice(heading[0].length)
      : document.body
  ).trim()
  if (body === '') {
    yield problem('empty', 'has no text', path)
    return
  }
  const date =
    matter.date ??
    matter.published_at ??
    matter.publishdate ??
    matter.pubdate ??
    matter.created ??
    (typeof matter.published === 'boolean' ? undefined : matter.published)
  const publishedAt =
    parseDate(date) ??
    parseDate(dated?.[1]) ??
    parseDate(/(?:^|\/)(\d{4}-\d\d-\d\d)(?:\/|$)/.exec(path.slice(0, -name.length))?.[1])
  const language = textOf(matter.lang) ?? textOf(matter.language)
  const subtitle = textOf(matter.subtitle)
  const slug = textOf(matter.slug)
  const author = authorOf(nameIn(matter.author ?? matter.authors) ?? context.options.author)
  yield item({
    id: path,
    kind: 'post',
    platform: 'web',
    url: urlOf(matter, context.options.siteUrl) ?? urn('file', `${context.name}/${path}`),
    title,
    body,
    ...(slug && { slug }),
    ...(subtitle && { subtitle }),
    ...(author && { author }),
    ...(publishedAt && { publishedAt }),
    ...(language && { language }),
    tags: [
      ...new Set([
        ...namesIn(matter.tags ?? matter.tag ?? matter['taxonomies.tags']),
        ...namesIn(matter.categories ?? matter.category ?? matter['taxonomies.categories']),
        ...namesIn(matter.keywords),
      ]),
    ],
    folder: path.split('/').slice(0, -1),
  })
  if (date !== undefined && date !== null && parseDate(date) === undefined) {
    yield problem('bad-date', `its date ${JSON.stringify(date).slice(0, 60)} cannot be read`, path)
  }
}

function byLowerKey(matter: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const flat = Object.entries(matter).flatMap(([key, value]) =>
    key === 'taxonomies' && isObject(value)
      ? Object.entries(value).map(([inner, names]) => [`taxonomies.${inner}`, names] as const)
      : [[key.toLowerCase().replaceAll('-', '_'), value] as const],
  )
  return Object.fromEntries(flat)
}

const isTrue = (value: unknown) => value === true || /^(true|yes|1)$/i.test(String(value ?? ''))
const isFalse = (value: unknown) => value === false || /^(false|no)$/i.test(String(value ?? ''))

function hiddenBy(matter: Readonly<Record<string, unknown>>, path: string): 'draft' | 'private' | undefined {
  if (isTrue(matter.private) || /^private$/i.test(String(matter.visibility ?? matter.status ?? ''))) return 'private'
  const isDraft =
    isTrue(matter.draft) ||
    isFalse(matter.published) ||
    isFalse(matter.publish) ||
    /^(draft|pending|unpublished|future|scheduled)$/i.test(String(matter.status ?? '')) ||
    /(?:^|\/)_?drafts\//i.test(path)
  return isDraft ? 'draft' : undefined
}

/** `how-to-moss` is a name of a file, not of a text. */
function wordsOf(name: string): string {
  const words = /\s/.test(name) ? name : name.replace(/[-_]+/g, ' ')
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

function urlOf(matter: Readonly<Record<string, unknown>>, siteUrl: string | undefined): string | undefined {
  const names = ['canonical_url', 'canonicalurl', 'canonical', 'source_url', 'url', 'permalink', 'link', 'source']
  for (const name of names) {
    const text = textOf(matter[name])
    // Jekyll's `/:year/:title/` is a pattern, no address.
    if (text === undefined || text.includes('/:')) continue
    const url = webUrl(text) ?? (text.startsWith('/') ? webUrl(text, siteUrl) : undefined)
    if (url !== undefined) return url
  }
  return undefined
}

function nameIn(value: unknown): string | undefined {
  const first = Array.isArray(value) ? value[0] : value
  return isObject(first) ? textOf(first.name) : textOf(first)
}

function namesIn(value: unknown): string[] {
  const names = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/,|(?<=^[^,]*)\s+#/) : []
  return names.flatMap(
    (name) =>
      textOf(isObject(name) ? name.name : name)
        ?.trim()
        .replace(/^#/, '') || [],
  )
}
