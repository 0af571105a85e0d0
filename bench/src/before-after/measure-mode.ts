import { startServer } from '@extropy/server/testing'
import { BadCallError } from '../bench-case.ts'
import type { BeforeAfterData } from './data.ts'
import { type Endpoint, fresh } from './endpoints.ts'
import type { Mode } from './modes.ts'
import { type Call, createCaller } from './requests.ts'

/** What one server process answered, in milliseconds. */
export interface ModeRound {
  /** The first request of its kind after the start: nothing connected, compiled or prepared. */
  readonly coldMs: Readonly<Record<string, number>>
  readonly warmMs: Readonly<Record<string, readonly number[]>>
  readonly loadedMs: Readonly<Record<string, readonly number[]>>
  /** Whether what was to come from the cache did. */
  readonly hasHits: boolean
}

export const loadCallers = 16

/** A fresh server in this mode: each endpoint cold, then by one caller, then by many. */
export async function measureMode(
  mode: Mode,
  data: BeforeAfterData,
  endpoints: readonly Endpoint[],
  { seconds, port }: { seconds: number; port: number | undefined },
): Promise<ModeRound> {
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
  const repeat = async (endpoint: Endpoint, callers: number): Promise<number[]> => {
    const tookMs: number[] = []
    const until = performance.now() + seconds * 1000
    let next = 1
    const one = async () => {
      do tookMs.push(await ask(endpoint, next++))
      while (performance.now() < until)
    }
    await Promise.all(Array.from({ length: callers }, one))
    return tookMs
  }
  try {
    const coldMs: Record<string, number> = {}
    const warmMs: Record<string, number[]> = {}
    const loadedMs: Record<string, number[]> = {}
    for (const endpoint of endpoints) coldMs[endpoint.name] = await ask(endpoint, 0)
    for (const endpoint of endpoints) {
      await repeatFor(endpoint, seconds / 4)
      warmMs[endpoint.name] = await repeat(endpoint, 1)
    }
    for (const endpoint of endpoints) loadedMs[endpoint.name] = await repeat(endpoint, loadCallers)
    return { coldMs, warmMs, loadedMs, hasHits }
  } finally {
    caller.close()
    server.child.kill('SIGTERM')
    await server.exit()
  }

  /** Not counted: the compiler's and the statements' warming up. */
  async function repeatFor(endpoint: Endpoint, warmUpSeconds: number): Promise<void> {
    const until = performance.now() + warmUpSeconds * 1000
    for (let n = 1; n < 4 || performance.now() < until; n++) await ask(endpoint, n)
  }
}

function asFresh({ cached }: Endpoint, mode: Mode, call: Call): Call {
  return cached && mode.cache ? call : { ...call, headers: { ...call.headers, ...fresh } }
}
