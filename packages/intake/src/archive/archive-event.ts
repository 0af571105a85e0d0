import type { Article } from '../article.ts'

/** Where contents of an archive belong in the contents table. */
export type ArchivePlatform = 'web' | 'rss' | 'youtube' | 'reddit' | 'twitter'

/** One thing of an archive. Its `url` is the same on every reading, and in every archive that has the same piece. */
export interface ArchiveItem extends Article {
  /** The platform's own; else the file's name. */
  readonly id: string
  readonly kind: string
  readonly platform: ArchivePlatform
  readonly slug?: string
  readonly subtitle?: string
  /** Mastodon's content warning. */
  readonly summary?: string
  /** For whom it was published, in the platform's word: `everyone`, `members`, `paid`, `unlisted`, … */
  readonly audience?: string
  /** Id or address of what it answers. */
  readonly replyTo?: string
  /** It answers its own author: a piece of a thread. */
  readonly inThread?: boolean
  /** What a link post, a podcast or a bookmark is about. */
  readonly link?: string
  readonly folder?: readonly string[]
  readonly archived?: boolean
  readonly starred?: boolean
  readonly captions?: CaptionFigures
  /** A row or object that is written in ingest's own keys, as JSON: it goes in by the rules of ingest. */
  readonly record?: string
}

interface CaptionFigures {
  readonly cues: number
  readonly firstStartSeconds: number
  readonly lastStartSeconds: number
  readonly durationSeconds: number
}

/** A feed that the archive's owner follows. */
export interface ArchiveFeed {
  readonly feedUrl: string
  readonly title?: string
  readonly siteUrl?: string
  readonly folder: readonly string[]
}

const skipReasons = [
  'draft',
  'private',
  'repost',
  'deleted',
  'not-the-authors',
  'duplicate',
  'older-version',
  'other-kind',
  'not-content',
] as const
export type SkipReason = (typeof skipReasons)[number]

const problemCodes = [
  /** The file has nothing in it, or nothing of what its format promises. */
  'empty',
  /** It breaks off; what stands whole before that came. */
  'cut',
  /** One record of many cannot be read. */
  'bad-record',
  'bad-date',
  'no-url',
  /** The archive names a file that it does not have. */
  'missing-file',
  /** Nested more deeply, or longer, than anything that people write. */
  'too-large',
  'unknown-format',
  'nested-zip',
  'symlink',
  'encrypted',
  'unreadable',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** A reader's finding, before it has a place. */
export type Found =
  | { readonly type: 'item'; readonly item: ArchiveItem }
  | { readonly type: 'feed'; readonly feed: ArchiveFeed }
  | { readonly type: 'skipped'; readonly reason: SkipReason; readonly id?: string }
  | { readonly type: 'problem'; readonly code: ProblemCode; readonly message: string; readonly id?: string }

interface Place {
  /** The file's path inside the archive. */
  readonly entry: string
  /** Give it as `after`, and the next reading goes on behind this event. */
  readonly position: string
}

export interface ArchiveTotals {
  readonly formats: readonly string[]
  readonly items: number
  readonly feeds: number
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>
  readonly problems: number
}

/** The last one is `end`; it tells what all readings together gave, also where this one began in the middle. */
export type ArchiveEvent = (Found & Place) | { readonly type: 'end'; readonly totals: ArchiveTotals }

export const item = (of: ArchiveItem): Found => ({ type: 'item', item: of })
export const skipped = (reason: SkipReason, id?: string): Found => ({ type: 'skipped', reason, ...(id && { id }) })
export const problem = (code: ProblemCode, message: string, id?: string): Found => ({
  type: 'problem',
  code,
  message,
  ...(id && { id }),
})
