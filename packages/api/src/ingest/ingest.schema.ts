import { toCamelCase } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { detectLanguage } from '../language/language.ts'
import { languageCode } from '../language/language-code.ts'
import { PlatformName } from '../platform.ts'
import { storableJson } from '../storable-json.ts'
import { Timestamp } from '../timestamp.ts'
import { SourceUrl } from './source-url.ts'

/** Longer than any post in sight (the longest is 850,605 characters), shorter than what would stall a run. */
const maxBodyLength = 5_000_000
const maxMetricsLength = 1_000_000
const maxDerivedTitleLength = 80

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

const language = z.string().transform((tag, context) => {
  const code = languageCode(tag)
  if (code === undefined)
    context.addIssue({ code: 'custom', message: 'must be a language tag such as en, de or en-US' })
  return code
})

const authorName = cleanText(200)

/** A line of an ingest file. Keys may be snake_case or camelCase; others than these are ignored, and null is as good as nothing. */
export const IngestLine = z.preprocess(
  camelCaseKeys,
  z
    .object({
      platform: z
        .string()
        .trim()
        .toLowerCase()
        .nullish()
        .transform((name) => name ?? 'web')
        .pipe(PlatformName),
      sourceUrl: SourceUrl,
      title: cleanText(1000).overwrite(oneLine).optional(),
      body: cleanText(maxBodyLength).optional(),
      author: z
        .string()
        .transform((names) => names.split(','))
        .pipe(z.array(authorName))
        .optional(),
      authors: z.array(authorName).max(100).optional(),
      publishedAt: Timestamp.optional(),
      language: language.optional(),
      tags: z.array(cleanText(100).overwrite(oneLine)).max(100).optional(),
      metrics: storableJson(maxMetricsLength).optional(),
    })
    .transform(({ author, authors, ...content }) => {
      const body = content.body?.trim() ? content.body : ''
      const title = content.title || firstWords(body)
      return {
        ...content,
        title,
        body,
        publishedAt: content.publishedAt ?? null,
        language: content.language ?? detectLanguage(`${content.title ?? ''}\n${body}`),
        tags: [...new Set(content.tags)].filter((tag) => tag !== ''),
        metrics: content.metrics ?? {},
        authors: normaliseAuthors(authors ?? author ?? []),
      }
    })
    .refine((content) => content.title !== '', {
      path: ['title'],
      message: 'is required, or a body, whose first words are the title then',
    })
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

/**
 * `Ana Núñez` to `ana-nunez`, `C++ Weekly` to `c++-weekly`. Where a mark is a vowel, as in Devanagari, it stays: किरण and करण are
 * two people. A name without letters or digits (an emoji) stays as it is.
 */
function toUsername(displayName: string): string {
  const slug = displayName
    .normalize('NFKD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}+#]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return slug === '' ? displayName : slug
}

function camelCaseKeys(line: unknown): unknown {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) return line
  return Object.fromEntries(
    Object.entries(line).flatMap(([key, value]) => (value === null ? [] : [[toCamelCase(key), value]])),
  )
}

/** The title of a content that came without one, such as a tweet: what its body begins with, up to a word's end. */
function firstWords(body: string): string {
  const start = oneLine(body.trimStart().slice(0, 1000)).replace(/^(#+|[>*-]) /, '')
  if (start.length <= maxDerivedTitleLength) return start
  const end = start.lastIndexOf(' ', maxDerivedTitleLength)
  return `${start.slice(0, end > 0 ? end : maxDerivedTitleLength).replace(/[\ud800-\udbff]$/, '')}…`
}
