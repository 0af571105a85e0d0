import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from './fetch/guarded-fetch.ts'
import { countLanes, type LaneStats } from './lanes/count-lanes.ts'
import type { HostLanes } from './lanes/host-lanes.ts'
import { createMemoryLanes } from './lanes/memory-lanes.ts'
import type { Outcome } from './outcome.ts'
import type { Credentials } from './platforms/platform.ts'
import { createReaders, type Readers, type ReadersOptions } from './readers/readers.ts'
import { createRobots } from './robots/robots.ts'
import { createVisitor, type Visitor } from './visit/visitor.ts'

export interface IntakeOptions extends GuardedFetchOptions {
  readonly credentials?: Credentials
  /** Default: of this process alone. */
  readonly lanes?: HostLanes
  /** Between two requests to a host, unless it asks for more. Default 1,000 ms. */
  readonly minIntervalMs?: number
  readonly readers?: ReadersOptions
}

export interface IntakeStats {
  readonly lanes: LaneStats
  /** Requests that were asked for, by what came of them. */
  readonly fetches: ReadonlyMap<Outcome, number>
}

/** All that intake needs to look at the outside, and to read what is there. */
export interface Intake {
  readonly guardedFetch: GuardedFetch
  readonly visitor: Visitor
  readonly readers: Readers
  readonly credentials: Credentials
  /** Of this process, since its start. */
  stats(): IntakeStats
  close(): Promise<void>
}

/** Opens nothing, and starts no thread, before it is used. */
export function createIntake(options: IntakeOptions = {}): Intake {
  const { credentials = {}, minIntervalMs = 1000 } = options
  const lanes = countLanes(options.lanes ?? createMemoryLanes())
  const guardedFetch = createGuardedFetch(options)
  const robots = createRobots({ guardedFetch, lanes, minIntervalMs })
  const readers = createReaders(options.readers)
  const visitor = createVisitor({ guardedFetch, robots, lanes, minIntervalMs })
  const fetches = new Map<Outcome, number>()
  return {
    guardedFetch,
    visitor: {
      async visit(url, request) {
        const visited = await visitor.visit(url, request)
        fetches.set(visited.outcome, (fetches.get(visited.outcome) ?? 0) + 1)
        return visited
      },
    },
    readers,
    credentials,
    stats: () => ({ lanes: lanes.stats(), fetches }),
    async close() {
      await guardedFetch.close()
      await Promise.all([robots.close(), readers.close()])
    },
  }
}
