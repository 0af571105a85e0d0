import type { EnterHop, FetchRequest } from '../fetch/fetch-request.ts'
import type { Fetched, Problem } from '../fetch/fetched.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { type HostLanes, laneOf } from '../lanes/host-lanes.ts'
import type { Robots, RobotsVerdict } from '../robots/robots.ts'

export interface VisitRequest extends Omit<FetchRequest, 'enterHop'> {
  /** `ignore` is for a person's own site. The guard and the lanes hold all the same. */
  readonly robots?: 'obey' | 'ignore'
  /** Most time to wait for lanes and robots.txt, all hops together; `lane-busy` after it, or at once where that is known. */
  readonly maxWaitMs?: number
}

export type Visited = Fetched & {
  /** Of the last hop that robots.txt was asked about. */
  readonly robotsVerdict?: RobotsVerdict
  /** Spent waiting for lanes and for robots.txt. */
  readonly waitedMs: number
}

export interface Visitor {
  /** A fetch with manners: every hop obeys its host's robots.txt and waits for its host's lane. Throws what `GuardedFetch` throws. */
  visit(url: string | URL, request?: VisitRequest): Promise<Visited>
}

export interface VisitorOptions {
  readonly guardedFetch: GuardedFetch
  readonly robots: Robots
  readonly lanes: HostLanes
  /** Between two requests to a host, unless its robots.txt asks for more. */
  readonly minIntervalMs?: number
}

/** No request should hold a job's place for longer; a scheduler comes again. */
const defaultMaxWaitMs = 5 * 60_000

/** A Retry-After of a year is a mistake, or a trap; a day is obeyed. */
const maxPauseMs = 24 * 3600_000

export function createVisitor({ guardedFetch, robots, lanes, minIntervalMs = 1000 }: VisitorOptions): Visitor {
  return {
    async visit(url, { robots: manners = 'obey', maxWaitMs = defaultMaxWaitMs, ...request } = {}) {
      let waitedMs = 0
      let robotsVerdict: RobotsVerdict | undefined

      const enterHop: EnterHop = async (hop, signal) => {
        const startedAt = performance.now()
        const patience = new AbortController()
        const timer = setTimeout(() => patience.abort(), maxWaitMs - waitedMs)
        const until = AbortSignal.any([signal, patience.signal])
        try {
          if (manners === 'obey') {
            robotsVerdict = await robots.check(hop, until)
            if (robotsVerdict.problem) return robotsVerdict.problem
          }
          const intervalMs = Math.max(minIntervalMs, robotsVerdict?.crawlDelayMs ?? 0)
          const lane = laneOf(hop)
          const wait = await lanes.waitMs(lane, intervalMs)
          if (wait > maxWaitMs - waitedMs) return laneBusy(lane, wait)
          const release = await lanes.acquire(lane, intervalMs, until)
          return { leave: (pauseMs = 0) => release(Math.min(pauseMs, maxPauseMs)) }
        } catch (error) {
          if (signal.aborted || !patience.signal.aborted) throw error
          return laneBusy(laneOf(hop), await lanes.waitMs(laneOf(hop), minIntervalMs))
        } finally {
          clearTimeout(timer)
          waitedMs += performance.now() - startedAt
        }
      }

      const fetched = await guardedFetch.fetch(url, { ...request, enterHop })
      return { ...fetched, ...(robotsVerdict && { robotsVerdict }), waitedMs }
    },
  }
}

function laneBusy(lane: string, waitMs: number): Problem {
  return {
    outcome: 'refused',
    reason: 'lane-busy',
    message: `${lane} is being asked for other things, at the pace that it allows; its turn has not come.`,
    retryAfterMs: Math.ceil(waitMs),
  }
}
