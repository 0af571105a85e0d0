import type { Context } from 'hono'
import type { Cache } from '../cache.ts'
import { CacheOptionError } from '../errors.ts'

/** Times are milliseconds, sizes bytes. */
export interface ResponseCacheOptions {
  readonly cache: Cache
  /**
   * Who is asking, whole: whatever decides what this caller may see, such as `user:42 scopes:read,write`. `null` says that
   * the answer is the same for everyone; so does `undefined`, but not of a request with `Authorization` or `Cookie`: that goes
   * past the cache. Runs on every request, after whatever authenticates: mount this middleware behind it.
   */
  readonly principal: (c: Context) => string | null | undefined
  /** What the handler has read. Runs once it is done. */
  readonly tags: (c: Context) => readonly string[]
  /** By path prefix, whole segments; the longest wins; 0: not cached. Default none. */
  readonly paths?: Readonly<Record<string, number>>
  /** Of paths that no prefix matches. Default 300,000; 0: only `paths` are cached. */
  readonly ttlMs?: number
  /** Path prefixes never to be cached. Default none. */
  readonly exclude?: readonly string[]
  /** Path prefixes whose POST is a read, with its query in the body. Default none. */
  readonly bodyQueries?: readonly string[]
  /** How long after its TTL an answer is served while it is refreshed; needs `refresh`. Default 0. */
  readonly staleMs?: number
  /** How long after its TTL an answer is served where the handler fails with 5xx. Default 0. */
  readonly staleIfErrorMs?: number
  /**
   * Runs a request again in the background: `(request, c) => app.fetch(request, c.env)`. It passes through everything in front
   * of this middleware too: authentication, limits, logs.
   */
  readonly refresh?: (request: Request, c: Context) => Response | Promise<Response>
  /** Request headers that change the answer: part of the key, and named in `Vary`. Default none. */
  readonly vary?: readonly string[]
  /** Answer headers to keep beside those that describe the content. Default none. */
  readonly keepHeaders?: readonly string[]
  /** Larger answers are passed on and not cached. Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** Larger bodies of `bodyQueries` are passed on and their answers not cached. Default 64 KiB. */
  readonly maxQueryBytes?: number
  /** Whether `X-Cache-Tags` names what an answer depends on. Default false: tags may tell of other data. */
  readonly exposeTags?: boolean
}

export type ResolvedResponseCacheOptions = Required<Omit<ResponseCacheOptions, 'refresh'>> &
  Pick<ResponseCacheOptions, 'refresh'>

export function resolveResponseCacheOptions(options: ResponseCacheOptions): ResolvedResponseCacheOptions {
  if ((options.staleMs ?? 0) > 0 && options.refresh === undefined) {
    throw new CacheOptionError('staleMs needs refresh: somebody has to run the request again')
  }
  return {
    paths: {},
    ttlMs: 300_000,
    exclude: [],
    bodyQueries: [],
    staleMs: 0,
    staleIfErrorMs: 0,
    keepHeaders: [],
    maxBodyBytes: 2 ** 20,
    maxQueryBytes: 2 ** 16,
    exposeTags: false,
    ...options,
    vary: (options.vary ?? []).map((name) => name.toLowerCase()),
  }
}
