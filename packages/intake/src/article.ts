/** A piece of writing as intake hands it on, whatever it was read from: a page, a feed's entry, an archive's item. */
export interface Article {
  /** Absolute and canonical; where the source has none, a stable `urn:` of its own. */
  readonly url: string
  readonly title: string
  /** Markdown. */
  readonly body: string
  readonly author?: AuthorName
  readonly publishedAt?: Date
  /** BCP 47, such as `en` or `pt-BR`. */
  readonly language?: string
  readonly tags?: readonly string[]
  /** Counts that the source gives, such as `likes` and `reposts`. */
  readonly metrics?: Readonly<Record<string, number>>
  /** Other addresses of the same piece. */
  readonly aliases?: readonly string[]
  /** What the source calls it: `post`, `reply`, `page`, `transcript`, `bookmark`, … */
  readonly kind?: string
  /** The answer that it was read from; nothing where it was handed over. */
  readonly origin?: Origin
}

/** A document that was fetched. */
export interface Origin {
  /** The last address of its redirects. */
  readonly url: string
  readonly status: number
  readonly etag?: string
  readonly contentType?: string
  /** A page as it came, or of a feed the entry alone; nothing where the entry cannot be told from its neighbours. */
  readonly document?: Uint8Array | string
}

export interface AuthorName {
  /** Unique on its platform: a handle where there is one, else the display name. */
  readonly username: string
  readonly displayName?: string
}
