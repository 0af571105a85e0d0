import type { MiddlewareHandler } from 'hono'
import { type HeaderRecord, securityHeaders } from './answer-headers.ts'
import type { AppEnv } from './app-env.ts'
import { headerOf } from './header-of.ts'

export interface CrossOrigin {
  /** Headers for every answer, also where no page asks: a CDN may reuse it for one. */
  headFor(origin: string | undefined): Readonly<HeaderRecord>
  /** Whether a page of this origin, which is not the server's own, may read nothing. */
  refuses(origin: string, host: string | undefined): boolean
  /** Answers a browser's preflight request; undefined where no origin is allowed. */
  readonly preflight: MiddlewareHandler<AppEnv> | undefined
  /** Whether the headers depend on the page's origin. */
  readonly varies: boolean
}

const readable =
  'ETag,Age,Extropy-Stamp,X-Cache,X-Cache-Cause,X-Request-Id,Retry-After,RateLimit-Policy,RateLimit,Server-Timing,Location'
const preflightHead = {
  'access-control-allow-methods': 'GET,HEAD,POST,PATCH,DELETE',
  'access-control-max-age': '600',
}

/** Lets pages of these origins read the answers, or all pages with `*`. */
export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  const varies = origins.length > 0 && !origins.includes('*')
  const refuses = (origin: string, host: string | undefined) =>
    !origins.includes('*') && !origins.includes(origin) && URL.parse(origin)?.host !== host
  if (origins.length === 0) return { headFor: () => securityHeaders, preflight: undefined, refuses, varies }
  const others = { ...securityHeaders, 'access-control-expose-headers': readable, ...(varies && { vary: 'origin' }) }
  const allowing = (origin: string) => ({ ...others, 'access-control-allow-origin': origin })
  const forAll = varies ? others : allowing('*')
  const heads = new Map(varies ? origins.map((origin) => [origin, allowing(origin)]) : [])
  return {
    headFor: (origin) => (origin === undefined ? forAll : (heads.get(origin) ?? forAll)),
    async preflight(c, next) {
      if (c.req.method !== 'OPTIONS') return next()
      const asked = headerOf(c, 'access-control-request-headers')
      const allowed = asked === undefined ? {} : { 'access-control-allow-headers': asked }
      return new Response(null, { status: 204, headers: { ...c.get('head'), ...preflightHead, ...allowed } })
    },
    refuses,
    varies,
  }
}
