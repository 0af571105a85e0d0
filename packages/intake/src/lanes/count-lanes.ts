import type { HostLanes } from './host-lanes.ts'

export interface LaneStats {
  /** Requests that wait for their turn. */
  readonly waiting: number
  /** Requests in flight. */
  readonly held: number
}

/** The same lanes, with a count of who is in them and who waits, in this process. */
export function countLanes(lanes: HostLanes): HostLanes & { stats(): LaneStats } {
  let waiting = 0
  let held = 0
  return {
    async acquire(host, minIntervalMs, signal) {
      waiting++
      const release = await lanes.acquire(host, minIntervalMs, signal).finally(() => waiting--)
      held++
      let isReleased = false
      return (pauseMs) => {
        if (!isReleased) held--
        isReleased = true
        release(pauseMs)
      }
    },
    waitMs: (host, minIntervalMs) => lanes.waitMs(host, minIntervalMs),
    stats: () => ({ waiting, held }),
  }
}
