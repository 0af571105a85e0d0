import type { Context } from 'hono'
import type { ReadTrace } from '../read-options.ts'
import type { StoredResponse } from './stored-response.ts'

/** A status for `X-Cache`, and why, for `X-Cache-Cause`. */
export interface Verdict {
  readonly status: 'HIT' | 'MISS' | 'STALE' | 'BYPASS'
  readonly cause: string
}

/** A 304 has no body to describe. */
const OF_THE_BODY = ['content-length', 'content-type', 'content-encoding']
const STATUS = { hit: 'HIT', stale: 'STALE', miss: 'MISS' } as const

export function verdictOf({ status = 'miss', cause = 'absent' }: ReadTrace): Verdict {
  return { status: STATUS[status], cause }
}

/** Makes the stored answer this request's own, or 304 where the caller has it already. */
export function answer(
  c: Context,
  { body, etag, headers }: StoredResponse,
  { status, cause }: Verdict,
  ageMs = 0,
): void {
  const own: Record<string, string> = {
    ...headers,
    age: wholeSeconds(ageMs),
    'x-cache': status,
    'x-cache-cause': cause,
  }
  const asked = c.req.raw.headers.get('if-none-match')
  if (asked === null || !matchesEtag(asked, etag)) {
    send(c, c.req.method === 'HEAD' ? null : body, 200, own)
    return
  }
  for (const name of OF_THE_BODY) delete own[name]
  if (c.finalized) for (const name of OF_THE_BODY) c.header(name, undefined)
  send(c, null, 304, own)
}

/**
 * Headers that others set on `c` before are kept. Where there are none, the answer goes out as a plain record: node-server
 * writes that as it is, while a Headers object costs 1.5 microseconds, a twelfth of a whole hit.
 */
function send(
  c: Context,
  body: Uint8Array<ArrayBuffer> | null,
  status: 200 | 304,
  headers: Record<string, string>,
): void {
  const isPlain = c.res.headers.keys().next().done === true
  const response = isPlain ? new Response(body, { status, headers }) : c.newResponse(body, status, headers)
  // Hono merges the headers of what is there into what replaces it, unless it is taken away first.
  c.res = undefined
  c.res = response
}

function wholeSeconds(ms: number): string {
  return `${Math.floor(Math.max(0, ms) / 1000)}`
}

/** Weak comparison, as RFC 9110 13.1.2 asks for. */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  const strong = (tag: string): string => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((each) => strong(each) === strong(etag))
}

/** Says on an answer that did not come from the cache why it did not. Not in place: what `fetch` brought cannot be changed. */
export function annotate(c: Context, { status, cause }: Verdict): void {
  c.header('x-cache', status)
  c.header('x-cache-cause', cause)
}
