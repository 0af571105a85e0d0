import autocannon from 'autocannon'

/** Started by `http.ts`: puts load on one URL for some seconds and sends back what it counted. */
const [url = '', seconds = '1'] = process.argv.slice(2)
const result = await autocannon({ url, connections: 32, pipelining: 1, duration: Number(seconds) })
process.send?.({
  requests: result.requests.total,
  seconds: result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failed: result.errors + result.non2xx,
})
process.disconnect?.()
