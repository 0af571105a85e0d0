/** Every way in which nothing was taken. A caller may branch on these; the sentences beside them are for people. */
export const fetchReasons = [
  'bad-url',
  'bad-scheme',
  'bad-port',
  /** The address carries a user name or a password. */
  'userinfo',
  /** The host is, or its name leads to, an address that is not public. */
  'private-address',
  'too-many-redirects',
  /** A redirect without a usable address. */
  'bad-redirect',
  /** A redirect that the caller asked not to follow. */
  'redirect',
  'too-large',
  /** The body unpacks to more than 100 times what was sent. */
  'bomb',
  'headers-too-large',
  /** An encoding of the body that is unknown, stacked, or broken. */
  'bad-encoding',
  /** The answer is not HTTP. */
  'bad-response',
  'timeout',
  'dns',
  'tls',
  'connection',
  /** The status says it all. */
  'status',
  /** The server wants a proof of being human, or it says in a header that it stopped us. */
  'challenge',
  'robots-disallowed',
  /** robots.txt could not be read for now: the host is left alone until it can be. */
  'robots-unreachable',
  /** robots.txt takes too long to be understood. */
  'robots-too-complex',
  /** The host's lane is taken for longer than the caller wants to wait. */
  'lane-busy',
  /** The caller's own budget of requests is used up. */
  'over-budget',
] as const

export type FetchReason = (typeof fetchReasons)[number]

/** Why nothing was taken. */
export interface Problem {
  readonly outcome: 'gone' | 'blocked' | 'paywalled' | 'refused' | 'failed'
  readonly reason: FetchReason
  /** One plain sentence for people. */
  readonly message: string
  readonly retryAfterMs?: number
}

export interface Redirect {
  readonly from: string
  readonly to: string
  readonly status: number
  /** 301 or 308. */
  readonly permanent: boolean
}

/** How the attempt went, whatever came of it. */
export interface Journey {
  readonly requestedUrl: string
  /** The last address that was asked, without a fragment. */
  readonly url: string
  readonly redirects: readonly Redirect[]
  /** Where the first redirects lead, as far as they are permanent: the address to keep from now on. */
  readonly movedTo?: string
  readonly timings: Timings
  /** The bodies' bytes as they came, still packed, without headers. */
  readonly wireBytes: number
}

export interface Timings {
  /** All hops, without the waits between them. */
  readonly totalMs: number
  /** From the last hop's start until its connection stood. */
  readonly connectMs?: number
  /** From the last hop's start until its status and headers were there. */
  readonly headersMs?: number
}

/** An answer's status and headers. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly etag?: string
  readonly lastModified?: string
  readonly cacheControl?: string
  readonly retryAfterMs?: number
}

export type Taken = Journey &
  Answer & {
    readonly outcome: 'ok'
    /** Unpacked; in whatever charset it came. */
    readonly body: Uint8Array
    /** The body goes on; the caller had asked for its beginning (`cut`). */
    readonly truncated: boolean
  }
export type Unchanged = Journey & Answer & { readonly outcome: 'unchanged' }
export type NotTaken = Journey & Partial<Answer> & Problem

export type Fetched = Taken | Unchanged | NotTaken

/** A problem on its way out of streams and hooks that can only throw. */
export class Stop extends Error {
  readonly problem: Problem
  constructor(outcome: Problem['outcome'], reason: FetchReason, message: string) {
    super(message)
    this.problem = { outcome, reason, message }
  }
}
