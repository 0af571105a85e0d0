import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { detectLanguage } from '../language/language.ts'
import { PlatformName } from '../platform.ts'
import { Timestamp } from '../timestamp.ts'

/** Longer than any post in sight (the longest is 850,605 characters), shorter than what would stall a run. */
const maxBodyLength = 5_000_000
/** Bytes: an entry of PostgreSQL's btree holds 2,704, its own header included. */
const maxUrlBytes = 2048
/** Deeper than any metrics that make sense; far from where parsers run out of stack. */
const maxMetricsDepth = 20

const sourceUrl = cleanText(maxUrlBytes)
  .refine((url) => z.url({ protocol: /^https?$/ }).safeParse(url).success, 'must be an http or https URL')
  .refine((url) => Buffer.byteLength(url) <= maxUrlBytes, `must be at most ${maxUrlBytes} bytes`)

const authorName = cleanText(200)

/** A line of an ingest file. Keys may be snake_case or camelCase; others than these are ignored. */
export const IngestLine = z.preprocess(
  camelCaseKeys,
  z
    .object({
      platform: PlatformName,
      sourceUrl,
      title: cleanText(1000).refine((title) => title.trim() !== '', 'must not be blank'),
      body: cleanText(maxBodyLength).refine((body) => body.trim() !== '', 'must not be blank'),
      author: z
        .string()
        .transform((names) => names.split(','))
        .pipe(z.array(authorName))
        .nullish(),
      authors: z.array(authorName).max(100).nullish(),
      publishedAt: Timestamp.nullish(),
      language: z
        .string()
        .regex(/^[a-z]{2}$/, 'must be an ISO 639-1 code such as en or de')
        .nullish(),
      tags: z.array(cleanText(100)).max(100).nullish(),
      metrics: z
        .record(z.string(), z.unknown())
        .refine((metrics) => isStorable(metrics), 'must have well-formed text, and no more than 20 levels')
        .nullish(),
    })
    .transform(({ author, authors, ...content }) => ({
      ...content,
      publishedAt: content.publishedAt ?? null,
      language: content.language ?? detectLanguage(`${content.title}\n${content.body}`),
      tags: content.tags ?? [],
      metrics: content.metrics ?? {},
      authors: normaliseAuthors(authors ?? author ?? []),
    }))
    .refine((content) => content.authors.length > 0, {
      path: ['author'],
      message: 'is required: a name, or `authors`, a list of names',
    }),
)

/** A content as it goes in: valid, its authors told apart. */
export type NewContent = z.output<typeof IngestLine>

export interface NewAuthor {
  /** Unique on its platform; derived from the name. */
  readonly username: string
  readonly displayName: string
}

/** Trims, folds white space, drops blanks and repetitions; `Ana  Núñez` and `ana nunez` are one author. */
function normaliseAuthors(names: readonly string[]): NewAuthor[] {
  const byUsername = new Map<string, NewAuthor>()
  for (const name of names) {
    const displayName = name.normalize('NFC').trim().replace(/\s+/g, ' ')
    if (displayName === '') continue
    const username = toUsername(displayName)
    if (!byUsername.has(username)) byUsername.set(username, { username, displayName })
  }
  return [...byUsername.values()]
}

/** `Ana Núñez` to `ana-nunez`. A name without letters or digits (an emoji) stays as it is. */
function toUsername(displayName: string): string {
  const slug = displayName
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return slug === '' ? displayName : slug
}

export function toCamelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function camelCaseKeys(line: unknown): unknown {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) return line
  return Object.fromEntries(Object.entries(line).map(([key, value]) => [toCamelCase(key), value]))
}

/** What `jsonb` can keep, keys and values: no NUL, no lone surrogate, no endless nesting. */
function isStorable(value: unknown, depth = 1): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  if (depth > maxMetricsDepth) return false
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner, depth + 1))
}
