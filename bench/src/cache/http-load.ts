import autocannon from 'autocannon'

/** Started by `http.ts`: on each message puts load on one URL for whole seconds, and sends back what it counted. */
process.on('message', async ({ url, seconds }: { url: string; seconds: number }) => {
  const result = await autocannon({ url, connections: 32, pipelining: 1, duration: seconds })
  process.send?.({
    requests: result.requests.total,
    seconds: result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.errors + result.non2xx,
  })
})
