import pg from 'pg'
import { DatabaseUnavailableError, isStalePlan, sqlState, sqlStates, translateUnavailable } from '../pg-errors.ts'
import { cutOff } from './pool.ts'

export interface LaneOptions {
  /** Pipelined connections. Default 2; 0 switches the lane off. */
  readonly connections?: number
  /**
   * How long a statement may run here. Everything sent behind it waits meanwhile, so one that takes longer is stopped,
   * runs again on a connection of its own, and stays off the lane: for a second at first, then twice as long each time,
   * up to a minute. (A busy machine can make any statement slow once.) Default 50 ms.
   */
  readonly statementMs?: number
  /** Statements in flight on one connection; from then on, calls go to the pool. Default 256. */
  readonly depth?: number
}

interface LaneStatement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

export interface Lane {
  /** Whether this hot read may go on the lane right now. */
  takes(hotRead: string): boolean
  /** @throws LaneLeftError where the statement must run elsewhere; the statement's own error otherwise. */
  query(hotRead: string, statement: LaneStatement): Promise<pg.QueryArrayResult>
  /** Closes the connections that are open now: see the pool's. Statements under way on them run elsewhere. */
  renew(): Promise<void>
  /** Cuts them off at once. */
  cut(): void
  stats(): LaneStats
  close(): Promise<void>
}

export interface LaneStats {
  readonly connections: number
  readonly inFlight: number
  /** Statements that ran elsewhere in the end, since the start: too slow, or the connection broke. */
  readonly left: number
}

/** The statement had no effect here: it reads, and it may simply be sent again. */
export class LaneLeftError extends Error {
  override readonly name = 'LaneLeftError'
}

interface Track {
  readonly client: pg.Client
  readonly ready: Promise<unknown>
  inFlight: number
  corked: boolean
}

const firstDemotionMs = 1000
const longestDemotionMs = 60_000

/**
 * A few connections on which short reads travel one behind the other, without waiting for each other's answers: many
 * callers, few round trips. A slow statement would hold up everything behind it, hence the server-side limit.
 */
export function createLane(config: pg.PoolConfig, options: LaneOptions = {}): Lane {
  const { connections = 2, statementMs = 50, depth = 256 } = options
  const tracks = new Array<Track | undefined>(connections).fill(undefined)
  const demoted = new Map<string, { until: number; forMs: number }>()
  let left = 0
  let closed = false

  const open = (place: number): Track => {
    const Client = (config.Client ?? pg.Client) as typeof pg.Client
    const client = new Client({ ...config, statement_timeout: statementMs, pipeline: true } as pg.ClientConfig)
    const drop = () => {
      if (tracks[place]?.client === client) tracks[place] = undefined
    }
    client.on('error', drop)
    client.on('end', drop)
    const ready = client.connect().then(() => config.onConnect?.(client))
    ready.catch(drop)
    const track: Track = { client, ready, inFlight: 0, corked: false }
    tracks[place] = track
    return track
  }

  /** The least busy track; one that is not open yet counts as idle. */
  const pick = (): Track => {
    let place = 0
    for (let other = 1; other < connections; other++) {
      if ((tracks[other]?.inFlight ?? 0) < (tracks[place]?.inFlight ?? 0)) place = other
    }
    return tracks[place] ?? open(place)
  }

  const demote = (hotRead: string): void => {
    const before = demoted.get(hotRead)
    // Several callers may be stopped at once; that counts as one time.
    if (before !== undefined && performance.now() < before.until) return
    const forMs = Math.min(2 * (before?.forMs ?? firstDemotionMs / 2), longestDemotionMs)
    demoted.set(hotRead, { until: performance.now() + forMs, forMs })
  }

  const leave = (cause: unknown): never => {
    left++
    throw new LaneLeftError('the statement left the lane', { cause })
  }

  const renew = async () => {
    const open = tracks.splice(0, connections, ...new Array<undefined>(connections).fill(undefined))
    await Promise.all(open.map((track) => track?.client.end().catch(() => {})))
  }

  return {
    renew,
    cut() {
      const open = tracks.splice(0, connections, ...new Array<undefined>(connections).fill(undefined))
      for (const track of open) if (track) cutOff(track.client)
    },
    takes(hotRead) {
      if (closed || tracks.length === 0) return false
      if (performance.now() < (demoted.get(hotRead)?.until ?? 0)) return false
      return tracks.some((track) => track === undefined || track.inFlight < depth)
    },
    async query(hotRead, { name, text, values }) {
      const track = pick()
      track.inFlight++
      try {
        await track.ready.catch(leave)
        cork(track)
        const result = await track.client.query({ name, text, values, rowMode: 'array' })
        if (demoted.size > 0) demoted.delete(hotRead)
        return result
      } catch (error) {
        if (error instanceof LaneLeftError) throw error
        const isSlow = sqlState(error) === sqlStates.queryCanceled
        if (isSlow) demote(hotRead)
        const isAway = translateUnavailable(error) instanceof DatabaseUnavailableError
        if (isSlow || isAway || isStalePlan(error)) leave(error)
        throw error
      } finally {
        track.inFlight--
      }
    },
    stats: () => ({
      connections: tracks.filter((track) => track !== undefined).length,
      inFlight: tracks.reduce((sum, track) => sum + (track?.inFlight ?? 0), 0),
      left,
    }),
    async close() {
      closed = true
      await renew()
    },
  }
}

/** All queries of one turn of the event loop go out in one write. */
function cork(track: Track): void {
  if (track.corked) return
  const { stream } = (
    track.client as unknown as { connection: { stream: NodeJS.WritableStream & { cork(): void; uncork(): void } } }
  ).connection
  track.corked = true
  stream.cork()
  setImmediate(() => {
    track.corked = false
    stream.uncork()
  })
}
