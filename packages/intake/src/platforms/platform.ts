import type { Article } from '../article.ts'
import type { Outcome } from '../outcome.ts'
import type { Readers } from '../readers/readers.ts'
import type { Visited, VisitRequest } from '../visit/visitor.ts'

const platformNames = ['web', 'rss', 'youtube', 'reddit', 'twitter'] as const
export type PlatformName = (typeof platformNames)[number]

/** A person's words, understood: the thing to keep up with. */
export interface Target {
  readonly platform: PlatformName
  /** `page`, `site`, `sitemap`, `feed`, `channel`, `video`, … */
  readonly kind: string
  /** The same whoever writes it, and however: two targets with one key are one source. */
  readonly key: string
  /** The first address to ask. */
  readonly url: string
  /** For people. */
  readonly label: string
}

/** No target of this platform; the message says what one looks like. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
}

/** What one round leaves for the next one, as JSON. */
export interface Memory {
  readonly feedUrl?: string
  readonly etag?: string
  readonly lastModified?: string
  /** Of the bytes, for servers that know neither of the two. */
  readonly bytesHash?: string
  readonly [key: string]: string | undefined
}

/** A round's means: the adapters ask nobody, and read nothing from strangers, except through these. */
export interface Tools {
  /** With manners, and written down: see `Visitor`. */
  visit(url: string, request?: VisitRequest): Promise<Visited>
  readonly readers: Pick<Readers, 'readPage' | 'readFeed' | 'discoverFeeds' | 'readSitemap'>
  /** Those of the addresses that are contents already: their pages need not be asked for. */
  known(urls: readonly string[]): Promise<ReadonlySet<string>>
  readonly credentials: Credentials
}

/** Of the operator's own accounts; without them the platforms give what they give to strangers. */
export interface Credentials {
  readonly twitterBearerToken?: string | undefined
  readonly reddit?: { readonly clientId: string; readonly clientSecret: string } | undefined
}

export interface RoundOptions {
  /** Most articles. */
  readonly limit: number
  /** The document itself, handed over by a reader who sees what we do not: a page, or a transcript. */
  readonly html?: string | undefined
  readonly memory: Memory
}

/** What a server, or its document, says of when to come again. */
export interface Pace {
  readonly retryAfterMs?: number | undefined
  readonly cacheMaxAgeMs?: number | undefined
  readonly ttlMs?: number | undefined
  /** Between two of the latest posts, as a rule. */
  readonly rhythmMs?: number | undefined
}

/** What came of one look at a target. */
export interface Round {
  readonly outcome: Outcome
  /** One plain sentence. */
  readonly message: string
  /** The newest first. */
  readonly articles: readonly Article[]
  readonly memory: Memory
  readonly pace: Pace
  /** The address has changed for good. */
  readonly movedTo?: string | undefined
  readonly title?: string | undefined
  readonly siteUrl?: string | undefined
  /** A feed that was found on the way, which is the better thing to follow. */
  readonly feedUrl?: string | undefined
}

export interface PlatformHealth {
  readonly works: readonly string[]
  /** What needs a setting, and which. */
  readonly needs: readonly { readonly what: string; readonly setting: string }[]
  /** What the platform refuses to strangers, or gives today and not tomorrow. */
  readonly limits: readonly string[]
}

/** One platform: the same four parts each. Nothing here throws for what the network, or a stranger's document, does. */
export interface Platform {
  readonly name: PlatformName
  /** @throws TargetError */
  plan(target: string): Target
  fetch(target: Target, tools: Tools, options: RoundOptions): Promise<Round>
  health(credentials: Credentials): PlatformHealth
}
