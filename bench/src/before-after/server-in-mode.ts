import { startServer } from '@extropy/server/testing'
import { BadCallError } from '../bench-case.ts'
import type { BeforeAfterData } from './data.ts'
import { type Endpoint, fresh } from './endpoints.ts'
import type { Mode } from './modes.ts'
import { type Call, createCaller } from './requests.ts'

/** A server of its own in one mode, asked over HTTP. */
export interface ServerInMode {
  /** How long the `n`th request took, in milliseconds. */
  ask(endpoint: Endpoint, n: number): Promise<number>
  /** So many callers for so long, each at least once, from the request `first` on: what each took, in milliseconds. */
  load(endpoint: Endpoint, first: number, callers: number, seconds: number): Promise<number[]>
  /** Whether what was to come from the cache did, but for the first of its kind. */
  hasHits(): boolean
  close(): Promise<void>
}

export async function startInMode(mode: Mode, data: BeforeAfterData, port: number | undefined): Promise<ServerInMode> {
  const server = await startServer({
    DATABASE_URL: mode.indexes ? data.withIndexes : data.withoutIndexes,
    LOG_LEVEL: 'silent',
    MIGRATE_ON_START: 'off',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '1000000000',
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...mode.env,
  }).catch((error: Error) => {
    const [, taken] = /ended before .*\n(Cannot listen on .*)/.exec(error.message) ?? []
    throw taken === undefined ? error : new BadCallError(taken)
  })
  const caller = createCaller(server.url)
  let hasHits = true
  const ask = async (endpoint: Endpoint, n: number): Promise<number> => {
    const answer = await caller.send(asFresh(endpoint, mode, endpoint.call(n)))
    if (answer.status !== 200) throw new Error(`${endpoint.name}, ${mode.name}: status ${answer.status}`)
    if (endpoint.cached && mode.cache && n > 0 && answer.cache !== 'HIT') hasHits = false
    return answer.tookMs
  }
  return {
    ask,
    async load(endpoint, first, callers, seconds) {
      let next = first
      const tookMs: number[] = []
      const until = performance.now() + seconds * 1000
      const one = async () => {
        do tookMs.push(await ask(endpoint, next++))
        while (performance.now() < until)
      }
      await Promise.all(Array.from({ length: callers }, one))
      return tookMs
    },
    hasHits: () => hasHits,
    async close() {
      caller.close()
      server.child.kill('SIGTERM')
      await server.exit()
    },
  }
}

function asFresh({ cached }: Endpoint, mode: Mode, call: Call): Call {
  return cached && mode.cache ? call : { ...call, headers: { ...call.headers, ...fresh } }
}
