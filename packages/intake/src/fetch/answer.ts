import type { IncomingHttpHeaders } from 'node:http'
import type { Answer, Problem } from './fetched.ts'

export function answerOf(status: number, raw: IncomingHttpHeaders, now: number): Answer {
  const headers = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  )
  const retryAfterMs = readRetryAfter(headers['retry-after'], now)
  return {
    status,
    headers,
    ...(headers['content-type'] !== undefined && { contentType: headers['content-type'] }),
    ...(headers.etag !== undefined && { etag: headers.etag }),
    ...(headers['last-modified'] !== undefined && { lastModified: headers['last-modified'] }),
    ...(headers['cache-control'] !== undefined && { cacheControl: headers['cache-control'] }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

const yearMs = 365 * 24 * 3600_000

/** Seconds or an HTTP date; one in the past is 0. */
function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const seconds = /^\s*(\d{1,10})(\.\d+)?\s*$/.exec(value)?.[1]
  // Date.parse would read a bare number as a year.
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN
  const ms = seconds === undefined ? date - now : Number(seconds) * 1000
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), yearMs)
}

/** Headers in which a server or the service in front of it says that it stopped the request, whatever the status. */
const challenges: readonly [name: string, value: RegExp, by: string][] = [
  ['cf-mitigated', /./, 'Cloudflare'],
  ['x-amzn-waf-action', /challenge|captcha/i, 'AWS WAF'],
  ['x-vercel-mitigated', /./, 'Vercel'],
  ['x-sucuri-block', /./, 'Sucuri'],
]

/** What a status and headers say against taking the body. Redirects and 304 are seen to before. */
export function problemOf({ status, headers, retryAfterMs }: Answer): Problem | undefined {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  const challenge = challenges.find(([name, value]) => value.test(headers[name] ?? ''))
  if (challenge) {
    const message = `${challenge[2]} in front of the server asks for a proof of being human (status ${status}).`
    return { outcome: 'blocked', reason: 'challenge', message, ...wait }
  }
  if (status >= 200 && status < 300) return undefined
  return { ...meaningOf(status), reason: 'status', ...wait }
}

function meaningOf(status: number): Pick<Problem, 'outcome' | 'message'> {
  const answered = `The server answered ${status}`
  switch (status) {
    case 404:
    case 410:
      return { outcome: 'gone', message: `${answered}: there is nothing at this address.` }
    case 401:
      return { outcome: 'blocked', message: `${answered}: it wants a login.` }
    case 402:
      return { outcome: 'paywalled', message: `${answered}: it wants to be paid.` }
    case 403:
      return { outcome: 'blocked', message: `${answered}: it does not let us in, or not so soon.` }
    case 429:
      return { outcome: 'blocked', message: `${answered}: too many requests.` }
    case 451:
      return { outcome: 'blocked', message: `${answered}: not available for legal reasons.` }
    default:
      return { outcome: 'failed', message: `${answered}.` }
  }
}
