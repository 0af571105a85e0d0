import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'
import type { HttpRequest } from './http-request.ts'
import type { LoadOptions, LoadResult } from './load.ts'

/** Started by `load.ts` where there is no wrk: one load, and back comes what it counted. */
const { baseUrl, requests, callers, seconds } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as LoadOptions & {
  readonly baseUrl: string
  readonly requests: readonly HttpRequest[]
}
const result = await autocannon({ url: baseUrl, requests, connections: callers, pipelining: 1, duration: seconds })
process.send?.({
  requests: result.requests.total,
  seconds: result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failed: result.errors + result.non2xx,
} satisfies LoadResult)
