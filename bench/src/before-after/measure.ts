import type { BeforeAfterData } from './data.ts'
import type { Endpoint } from './endpoints.ts'
import { type Mode, modes } from './modes.ts'
import { type ServerInMode, startInMode } from './server-in-mode.ts'

/** What a mode answered, in milliseconds; each array a round's requests. */
export interface ModeRounds {
  /** By endpoint, the first request of its kind after each start: nothing connected, compiled or prepared. */
  readonly cold: Map<Endpoint, number[]>
  readonly warm: Map<Endpoint, number[][]>
  readonly loaded: Map<Endpoint, number[][]>
}

export interface Plan {
  /** How often the servers are started anew. */
  readonly starts: number
  /** After each start. */
  readonly rounds: number
  /** Of one endpoint in one mode, in a round. */
  readonly seconds: number
  /** Whether many callers at once are measured too. */
  readonly loaded: boolean
  /** Where the first mode's server listens; undefined: any free port. */
  readonly port: number | undefined
}

export const loadCallers = 16

/**
 * A server in each mode at a time; asked in turns, endpoint by endpoint, in short slices, so that a machine that is slow for
 * a while is slow for all of them.
 */
export async function measureModes(data: BeforeAfterData, endpoints: readonly Endpoint[], plan: Plan) {
  const rounds = new Map(modes.map((mode): [Mode, ModeRounds] => [mode, emptyRounds(endpoints)]))
  let hasHits = true
  for (let start = 0; start < plan.starts; start++) {
    const servers = new Map<Mode, ServerInMode>()
    try {
      for (const mode of inTurn(modes, start)) {
        const server = await startInMode(mode, data, servers.size === 0 ? plan.port : undefined)
        servers.set(mode, server)
        for (const endpoint of endpoints)
          rounds
            .get(mode)
            ?.cold.get(endpoint)
            ?.push(await server.ask(endpoint))
      }
      for (const endpoint of endpoints) {
        for (const callers of plan.loaded ? [1, loadCallers] : [1])
          await inTurns(servers, endpoint, callers, { ...plan, start })
      }
      for (const server of servers.values()) hasHits &&= server.hasHits()
    } finally {
      for (const server of servers.values()) await server.close()
    }
  }
  return { rounds, hasHits }

  async function inTurns(
    servers: ReadonlyMap<Mode, ServerInMode>,
    endpoint: Endpoint,
    callers: number,
    { start, rounds: count, seconds }: Plan & { readonly start: number },
  ): Promise<void> {
    // The first round is not counted: the compiler's and the statements' warming up, longest where a request is shortest.
    for (const server of servers.values()) await server.load(endpoint, callers, Math.max(0.1, seconds))
    for (let round = 0; round < count; round++) {
      for (const mode of inTurn(modes, start + round)) {
        const tookMs = await servers.get(mode)?.load(endpoint, callers, seconds)
        const kind = callers === 1 ? 'warm' : 'loaded'
        rounds
          .get(mode)
          ?.[kind].get(endpoint)
          ?.push(tookMs ?? [])
      }
    }
  }
}

function emptyRounds(endpoints: readonly Endpoint[]): ModeRounds {
  const perEndpoint = <T>() => new Map(endpoints.map((endpoint): [Endpoint, T[]] => [endpoint, []]))
  return { cold: perEndpoint<number>(), warm: perEndpoint<number[]>(), loaded: perEndpoint<number[]>() }
}

/** All of them, each time beginning at another one. */
function inTurn<T>(all: readonly T[], first: number): T[] {
  return all.map((_, at) => all[(first + at) % all.length] as T)
}
