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
  /** Of one caller, after each start. */
  readonly rounds: number
  /** Of many callers at once, after each start: without an index, one such round takes seconds. */
  readonly loadedRounds: number
  /** Of one endpoint in one mode, in a round. */
  readonly seconds: number
  /** Where the first mode's server listens; undefined: any free port. */
  readonly port: number | undefined
}

export const loadCallers = 16
/** No mode asks so many searches in one slice. */
const questionsApart = 100

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
        const cold = rounds.get(mode)?.cold
        for (const endpoint of endpoints) cold?.get(endpoint)?.push(await server.ask(endpoint, 0))
      }
      for (const endpoint of endpoints) {
        for (const callers of [1, loadCallers]) await inTurns(servers, endpoint, callers, { ...plan, start })
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
    { start, rounds: warmRounds, loadedRounds, seconds }: Plan & { readonly start: number },
  ): Promise<void> {
    const kind = callers === 1 ? 'warm' : 'loaded'
    if (kind === 'warm') {
      // Not counted: the compiler's and the statements' warming up.
      for (const server of servers.values()) await server.load(endpoint, 1, callers, Math.max(0.1, seconds))
    }
    // A round's questions begin at the same one in each mode: searches differ among themselves.
    for (let round = 0; round < (kind === 'warm' ? warmRounds : loadedRounds); round++) {
      for (const mode of inTurn(modes, start + round)) {
        const tookMs = await servers.get(mode)?.load(endpoint, 1 + questionsApart * (start + round), callers, seconds)
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
