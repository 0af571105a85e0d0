import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { AppEnv } from './app-env.ts'

/** Which pages may read the answers, as every answer has to say it: one that no page asked for may reach one by a CDN. */
export interface CrossOrigin {
  /** Undefined where no page may. */
  readonly middleware: MiddlewareHandler<AppEnv> | undefined
  /** What an answer says that is not asked for by a page: names and values, flat. */
  readonly lines: readonly string[]
  /** Whether another page would get another answer. */
  readonly varies: boolean
}

const readable = ['ETag', 'Age', 'X-Cache', 'X-Cache-Cause', 'X-Request-Id', 'Retry-After', 'RateLimit-Remaining']

export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  if (origins.length === 0) return { middleware: undefined, lines: [], varies: false }
  const isAny = origins.includes('*')
  return {
    middleware: cors({ origin: isAny ? '*' : [...origins], exposeHeaders: readable, maxAge: 600 }),
    lines: [
      ...(isAny ? ['access-control-allow-origin', '*'] : []),
      ...['access-control-expose-headers', readable.join(',')],
    ],
    varies: !isAny,
  }
}
