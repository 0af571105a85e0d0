import { createReaders } from '../../readers/readers.ts'
import type { Visited, VisitRequest } from '../../visit/visitor.ts'
import type { Credentials, Tools } from '../platform.ts'

/** What a server says to one address. */
export interface Recorded {
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Where its redirects led. */
  readonly finalUrl?: string
}

export interface FakeTools extends Tools {
  readonly asked: readonly { readonly url: string; readonly request: VisitRequest }[]
  close(): Promise<void>
}

const outcomes: Readonly<Record<number, 'gone' | 'blocked' | 'failed'>> = {
  401: 'blocked',
  403: 'blocked',
  404: 'gone',
  410: 'gone',
  429: 'blocked',
  500: 'failed',
}

/** Tools that ask nobody: recorded answers by address, up to its query where none is named whole; 404 for all others. */
export function createFakeTools(
  answers: Readonly<Record<string, Recorded>>,
  { credentials = {}, known = [] }: { readonly credentials?: Credentials; readonly known?: readonly string[] } = {},
): FakeTools {
  const readers = createReaders({ threads: 1 })
  const asked: { url: string; request: VisitRequest }[] = []
  return {
    asked,
    readers,
    credentials,
    known: async (urls) => new Set(urls.filter((url) => known.includes(url))),
    async visit(url, request = {}) {
      asked.push({ url, request })
      return visitedOf(url, answers[url] ?? answers[url.split('?')[0] ?? ''] ?? { status: 404 })
    },
    close: () => readers.close(),
  }
}

function visitedOf(url: string, { status = 200, body = '', headers = {}, finalUrl = url }: Recorded): Visited {
  const retryAfter = headers['retry-after']
  const common = {
    requestedUrl: url,
    url: finalUrl,
    redirects: [],
    timings: { totalMs: 1 },
    wireBytes: body.length,
    waitedMs: 0,
    status,
    headers,
    ...(headers.etag === undefined ? {} : { etag: headers.etag }),
    ...(headers['cache-control'] === undefined ? {} : { cacheControl: headers['cache-control'] }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: Number(retryAfter) * 1000 }),
  }
  if (status === 304) return { ...common, outcome: 'unchanged' }
  if (status === 200) {
    const { 'content-type': contentType = 'text/html' } = headers
    return { ...common, outcome: 'ok', contentType, body: new TextEncoder().encode(body), truncated: false }
  }
  const outcome = outcomes[status] ?? 'failed'
  return { ...common, outcome, reason: 'status', message: `The server answered ${status}.` }
}
