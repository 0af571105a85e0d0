import type { FetchRequest } from './fetch-request.ts'

/** Those that the connection itself decides. */
const ours = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
])

/** All that may be told to an origin that the caller did not name. */
const harmless = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'user-agent',
])

export function requestHeaders(
  { headers = {}, etag, lastModified }: FetchRequest,
  { userAgent }: { userAgent: string },
): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const taken = entries.find(([name]) => ours.has(name))
  if (taken) throw new TypeError(`The header ${taken[0]} is set by the guarded fetch itself.`)
  return {
    accept: '*/*',
    ...Object.fromEntries(entries),
    'user-agent': userAgent,
    'accept-encoding': 'gzip, deflate, br, zstd',
    ...(isSendable(etag) && { 'if-none-match': etag }),
    ...(isSendable(lastModified) && { 'if-modified-since': lastModified }),
  }
}

/** What another server once sent may have been stored badly since; then the question is asked without it. */
function isSendable(value: string | undefined): value is string {
  return value !== undefined && /^[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]{0,1000}$/.test(value)
}

export interface Onward {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

/** The request after a redirect: a GET after 303, and after 301 and 302 of a POST, as browsers do; nothing private to another origin. */
export function onward({ method, headers, body }: Onward, status: number, from: URL, to: URL): Onward {
  const becomesGet = (status === 303 && method !== 'HEAD') || (status < 303 && method === 'POST')
  const kept = Object.entries(headers).filter(
    ([name]) => (from.origin === to.origin || harmless.has(name)) && !(becomesGet && name.startsWith('content-')),
  )
  return { method: becomesGet ? 'GET' : method, headers: Object.fromEntries(kept), body: becomesGet ? undefined : body }
}
