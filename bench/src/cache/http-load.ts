import { runAutocannon } from '../http/run-autocannon.ts'

/** Started by `http.ts`: on each message puts load on one URL for whole seconds, and sends back what it counted. */
process.on('message', async ({ url, seconds }: { url: string; seconds: number }) => {
  process.send?.(await runAutocannon({ url, connections: 32, duration: seconds }))
})
