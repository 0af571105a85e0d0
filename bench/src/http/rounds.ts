import { quantile } from '../quantiles.ts'
import { cpuMicros } from './cpu-time.ts'
import type { HttpRequest } from './http-request.ts'
import type { LoadOptions, LoadTool } from './load.ts'
import type { Server } from './servers.ts'

interface Sample {
  readonly perSecond: number
  /** The server's processor time for one request, over all its threads. */
  readonly cpuMicros?: number | undefined
  readonly p50Ms?: number
  readonly p99Ms?: number
}

/** One who is measured; `measure` is a round. */
export interface Entry {
  readonly name: string
  /** Not a peer, but what nobody can beat. */
  readonly isLimit?: boolean
  measure(seconds: number): Promise<Sample>
}

export interface Series {
  readonly name: string
  readonly isLimit: boolean
  readonly perSecond: number[]
  readonly cpuMicros: number[]
  readonly p50Ms: number[]
  readonly p99Ms: number[]
}

export interface RoundOptions {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** Warms each up, then measures them in turn, beginning at another one each round: what disturbs a while hits all alike. */
export async function measureInTurns(entries: readonly Entry[], options: RoundOptions): Promise<Series[]> {
  const { rounds, seconds, warmUpSeconds } = options
  const all = entries.map(
    ({ name, isLimit = false }): Series => ({ name, isLimit, perSecond: [], cpuMicros: [], p50Ms: [], p99Ms: [] }),
  )
  for (const entry of entries) await entry.measure(warmUpSeconds)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const at = (round + turn) % entries.length
      const sample = await entries[at]?.measure(seconds)
      const series = all[at]
      if (sample === undefined || series === undefined) continue
      series.perSecond.push(sample.perSecond)
      if (sample.cpuMicros !== undefined) series.cpuMicros.push(sample.cpuMicros)
      if (sample.p50Ms !== undefined) series.p50Ms.push(sample.p50Ms)
      if (sample.p99Ms !== undefined) series.p99Ms.push(sample.p99Ms)
    }
  }
  return all
}

/** A server under the load tool. A failed request ends the run: its speed would be that of refusing. */
export function underLoad(
  tool: LoadTool,
  server: Server,
  requests: readonly HttpRequest[],
  { callers, isLimit = false }: Pick<LoadOptions, 'callers'> & { readonly isLimit?: boolean },
): Entry {
  return {
    name: server.name,
    isLimit,
    async measure(seconds) {
      const before = cpuMicros(server.pid)
      const result = await tool.load(server.url, requests, { callers, seconds })
      const after = cpuMicros(server.pid)
      if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} requests to ${server.name} failed`)
      return {
        perSecond: result.requests / result.seconds,
        cpuMicros: before === undefined || after === undefined ? undefined : (after - before) / result.requests,
        p50Ms: result.p50Ms,
        p99Ms: result.p99Ms,
      }
    },
  }
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)
