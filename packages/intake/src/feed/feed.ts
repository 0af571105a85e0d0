import type { Article } from '../article.ts'
import type { Outcome } from '../outcome.ts'
import type { FeedLink } from '../page/survey.ts'

/** Limits of a feed. 200,000 nested tags cost parsers 15 s and more, 100,000 items 6 s. */
export const feedLimits = {
  bytes: 5_000_000,
  depth: 100,
  elements: 300_000,
  pieces: 600_000,
  attributesOfOne: 500,
  items: 1_000,
} as const

export interface Feed {
  readonly format: 'rss' | 'atom' | 'rdf' | 'json'
  readonly title?: string
  readonly description?: string
  readonly siteUrl?: string
  /** The address that the feed names as its own. */
  readonly selfUrl?: string
  /** How long the feed asks to be left alone. */
  readonly ttlMs?: number
  /** WebSub hubs. */
  readonly hubs: readonly string[]
  readonly language?: string
}

export interface FeedEntry extends Article {
  /** The feed's own id of it, else its address; unique within the feed. */
  readonly id: string
  readonly updatedAt?: Date
  /** The feed has no title for it: `title` is the beginning of its text. */
  readonly untitled?: true
  /** The feed gives a beginning or a description: the whole is on the page. */
  readonly summaryOnly: boolean
  readonly enclosures: readonly Enclosure[]
}

export interface Enclosure {
  readonly url: string
  readonly type?: string
  readonly bytes?: number
}

export type FeedResult =
  /** `empty`: a feed, sound, without entries today. */
  | {
      readonly outcome: 'ok' | 'empty'
      readonly feed: Feed
      readonly entries: readonly FeedEntry[]
      readonly truncated?: true
    }
  /** `feeds`: those that the document names, where it is a page. */
  | {
      readonly outcome: Exclude<Outcome, 'ok' | 'empty' | 'unchanged'>
      readonly reason: string
      readonly feeds: readonly FeedLink[]
    }
