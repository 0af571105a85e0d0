import { readFileSync } from 'node:fs'
import type { HttpRequest } from './http-request.ts'
import type { LoadOptions } from './load.ts'
import { runAutocannon } from './run-autocannon.ts'

/** Started by `load.ts` where there is no wrk: one load, and back comes what it counted. */
const { baseUrl, requests, callers, seconds } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as LoadOptions & {
  readonly baseUrl: string
  readonly requests: readonly HttpRequest[]
}
process.send?.(await runAutocannon({ url: baseUrl, requests, connections: callers, duration: seconds }))
