import type { Door, Procedure } from '@extropy/api'
import type { Context as HonoContext } from 'hono'
import type { AppEnv, Outcome } from './app-env.ts'

/** A GET's URL taken apart: all that is needed to answer it from the cache without parsing it again. */
export interface HotUrl {
  readonly calls: readonly { readonly procedure: Procedure; readonly question: string }[]
  readonly door: Door
  readonly isBatch: boolean
}

export interface HotUrls {
  get(url: string): HotUrl | undefined
  remember(c: HonoContext<AppEnv>, outcomes: readonly Outcome[], how: Pick<HotUrl, 'door' | 'isBatch'>): void
}

/** Some 10 MB of URLs at most. */
const maxUrls = 5000
const maxUrlLength = 2000

/** URLs of kept answers, in the spelling of the request. */
export function createHotUrls(): HotUrls {
  const known = new Map<string, HotUrl>()
  return {
    get: (url) => known.get(url),
    remember(c, outcomes, how) {
      // As node has it: path and query.
      const url = c.req.raw.url.slice(c.req.raw.url.indexOf('/', 'https://'.length))
      if (url.length > maxUrlLength || known.has(url)) return
      const calls = outcomes.flatMap(({ procedure, served }) =>
        served?.question === undefined ? [] : [{ procedure, question: served.question }],
      )
      if (calls.length !== outcomes.length) return
      if (known.size >= maxUrls) known.clear()
      known.set(url, { calls, ...how })
    },
  }
}
