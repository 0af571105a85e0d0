import autocannon from 'autocannon'
import type { LoadResult } from './load.ts'

/** One load by autocannon, each connection with one request at a time, and what it counted. */
export async function runAutocannon(
  options: Omit<Parameters<typeof autocannon>[0], 'pipelining'>,
): Promise<LoadResult> {
  const { requests, latency, duration, errors, non2xx } = await autocannon({ ...options, pipelining: 1 })
  return {
    requests: requests.total,
    seconds: duration,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    failed: errors + non2xx,
  }
}
