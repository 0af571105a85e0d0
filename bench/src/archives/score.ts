import type { ArchiveEvent, ArchiveFeed, ArchiveItem } from '@extropy/intake'
import type { Expected, JudgedExport } from './judged-exports.ts'

/** One reading of an export. */
export interface Reading {
  readonly events: readonly ArchiveEvent[]
  /** The message of the error that refused it as a whole. */
  readonly refused: string | undefined
}

type Got = ArchiveItem | ArchiveFeed

export interface Score {
  readonly right: boolean
  readonly found: number
  readonly expected: number
  readonly got: number
  readonly fieldsRight: number
  readonly fields: number
  /** Strings that must not come out, and did. */
  readonly leaked: readonly string[]
  readonly faults: readonly string[]
}

/** By id, else by address, else by title, as the judges match them. */
export function scoreExport({ must, expect, never = [] }: JudgedExport, { events, refused }: Reading): Score {
  const got: Got[] = events.flatMap((event): Got[] =>
    event.type === 'item' ? [event.item] : event.type === 'feed' ? [event.feed] : [],
  )
  const faults: string[] = []
  const left = new Set(got)
  let found = 0
  let fieldsRight = 0
  let fields = 0
  for (const expected of expect) {
    const match = [...left].find((each) => isSame(expected, each))
    if (match === undefined) {
      faults.push(`missing: ${expected.id ?? expected.url ?? expected.title}`)
      continue
    }
    left.delete(match)
    found++
    for (const [field, value] of Object.entries(expected)) {
      const isRight = checks[field as keyof Expected]?.(value as never, match)
      if (isRight === undefined) continue
      fields++
      if (isRight) fieldsRight++
      else faults.push(`${field} of ${expected.id ?? expected.title}: ${JSON.stringify(value)}`)
    }
  }
  const out = JSON.stringify(got)
  const leaked = never.filter((text) => out.includes(JSON.stringify(text).slice(1, -1)))
  faults.push(...leaked.map((text) => `leaked: ${text}`))
  const reported = refused !== undefined || events.some((event) => event.type === 'problem')
  const isWhole = found === expect.length
  const right = {
    import: refused === undefined && isWhole && left.size === 0,
    // Where all could be read after a repair, nothing was lost that a report would name.
    report: isWhole ? reported || left.size === 0 : reported && got.length === 0,
    reject: reported && got.length === 0,
  }[must]
  if (must === 'import') for (const each of left) faults.push(`too much: ${'id' in each ? each.id : each.feedUrl}`)
  if (refused !== undefined) faults.push(`refused: ${refused.slice(0, 100)}`)
  return {
    right: right && leaked.length === 0,
    found,
    expected: expect.length,
    got: got.length,
    fieldsRight,
    fields,
    leaked,
    faults,
  }
}

function isSame(expected: Expected, got: Got): boolean {
  if ('feedUrl' in got) return got.feedUrl === expected.feed_url
  if (expected.id !== undefined) return got.id === expected.id
  if (expected.file !== undefined && expected.title !== undefined) return titleOf(got) === expected.title
  if (expected.url !== undefined) return addresses(got).includes(expected.url)
  return expected.title === undefined || titleOf(got) === expected.title
}

const addresses = (got: ArchiveItem) => [got.url, ...(got.aliases ?? [])]
const folded = (text: string) => text.replace(/\s+/g, ' ').trim()
const titleOf = (got: Got) => folded(got.title ?? '')
const sorted = (texts: readonly string[] = []) => JSON.stringify([...texts].sort())

/** Without the marks that Markdown puts before characters that mean something to it. */
const plainText = ({ title, body }: ArchiveItem) =>
  folded(`${title}\n${body.replace(/\\([\\`*_{}[\]()#+\-.!<>|~])/g, '$1')}`)

type Check<Field extends keyof Expected> = (value: NonNullable<Expected[Field]>, got: Got) => boolean | undefined

const ofItem =
  <Value>(check: (value: Value, got: ArchiveItem) => boolean) =>
  (value: Value, got: Got): boolean | undefined =>
    'feedUrl' in got ? undefined : check(value, got)

const checks: { readonly [Field in keyof Expected]?: Check<Field> } = {
  kind: (kind, got) => ('feedUrl' in got ? kind === 'feed' : got.kind === kind),
  id: ofItem((id, got) => got.id === id),
  url: ofItem((url, got) => addresses(got).includes(url)),
  feed_url: (url, got) => 'feedUrl' in got && got.feedUrl === url,
  site_url: (url, got) => 'feedUrl' in got && URL.parse(got.siteUrl ?? '')?.href === URL.parse(url)?.href,
  title: (title, got) => titleOf(got) === folded(title),
  subtitle: ofItem((text, got) => got.subtitle === text),
  summary: ofItem((text, got) => got.summary === text),
  slug: ofItem((slug, got) => got.slug === slug),
  date: ofItem((date, got) => got.publishedAt?.getTime() === Date.parse(date)),
  author: ofItem((name, got) => got.author?.username === name || got.author?.displayName === name),
  tags: ofItem((tags, got) => sorted(tags) === sorted(got.tags)),
  folder: (folder, got) => JSON.stringify(got.folder) === JSON.stringify(folder),
  archived: ofItem((archived, got) => got.archived === archived),
  starred: ofItem((starred, got) => got.starred === starred),
  audience: ofItem((audience, got) => got.audience === audience),
  reply_to: ofItem((id, got) => got.replyTo === id),
  link: ofItem((link, got) => got.link === link),
  text: ofItem((text, got) => folded(got.body) === folded(text)),
  text_has: ofItem((texts, got) => texts.every((text) => plainText(got).includes(text))),
  text_not: ofItem((texts, got) => texts.every((text) => !plainText(got).includes(text))),
  likes: ofItem((likes, got) => got.metrics?.likes === likes),
  reposts: ofItem((reposts, got) => got.metrics?.reposts === reposts),
  cues: ofItem((cues, got) => got.captions?.cues === cues),
  cues_min: ofItem((cues, got) => (got.captions?.cues ?? 0) >= cues),
  first_start_s: ofItem((seconds, got) => got.captions?.firstStartSeconds === seconds),
  last_start_s: ofItem((seconds, got) => got.captions?.lastStartSeconds === seconds),
  duration_s: ofItem((seconds, got) => got.captions?.durationSeconds === seconds),
  lang: ofItem((lang, got) => got.language === lang),
}
