import type { HostLanes, Release } from './host-lanes.ts'

/** A clock that never goes back, and its timers. */
export interface LaneClock {
  now(): number
  /** Returns what takes the timer back. */
  after(ms: number, run: () => void): () => void
}

const systemClock: LaneClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  },
}
/** setTimeout's own limit; a longer wait wakes up in between and goes on. */
const longestTimerMs = 2 ** 31 - 1

interface Waiter {
  readonly minIntervalMs: number
  readonly start: (release: Release) => void
}

interface Lane {
  busy: boolean
  /** Of the last release; never yet: minus infinity. */
  releasedAt: number
  /** Not before this, whatever the interval: a server's own wish. */
  pausedUntil: number
  readonly waiting: Waiter[]
  cancelTimer: (() => void) | undefined
}

/** No interval is longer (robots.txt's delays are capped there), so a lane that rested for this long is as good as new. */
const forgetAfterMs = 60_000
/** Lanes are looked through for old ones whenever their number has doubled since, and at first at this number. */
const sweepFrom = 1000

/** Lanes of this process alone. */
export function createMemoryLanes({ clock = systemClock }: { clock?: LaneClock } = {}): HostLanes {
  const lanes = new Map<string, Lane>()
  let sweepAt = sweepFrom

  const laneFor = (host: string): Lane => {
    const known = lanes.get(host)
    if (known) return known
    if (lanes.size >= sweepAt) sweep()
    const lane: Lane = {
      busy: false,
      releasedAt: Number.NEGATIVE_INFINITY,
      pausedUntil: Number.NEGATIVE_INFINITY,
      waiting: [],
      cancelTimer: undefined,
    }
    lanes.set(host, lane)
    return lane
  }

  const sweep = () => {
    const now = clock.now()
    for (const [host, lane] of lanes) {
      const rests = !lane.busy && lane.waiting.length === 0
      if (rests && Math.max(lane.releasedAt + forgetAfterMs, lane.pausedUntil) < now) lanes.delete(host)
    }
    sweepAt = Math.max(sweepFrom, lanes.size * 2)
  }

  const advance = (lane: Lane) => {
    lane.cancelTimer?.()
    lane.cancelTimer = undefined
    const [first] = lane.waiting
    if (lane.busy || !first) return
    const waitMs = dueAt(lane, first.minIntervalMs) - clock.now()
    if (waitMs > 0) {
      // Timers may fire up to a millisecond early: the clock is asked again.
      lane.cancelTimer = clock.after(Math.ceil(waitMs), () => advance(lane))
      return
    }
    lane.waiting.shift()
    lane.busy = true
    let released = false
    first.start((pauseMs = 0) => {
      if (released) return
      released = true
      lane.busy = false
      lane.releasedAt = clock.now()
      if (pauseMs > 0) lane.pausedUntil = lane.releasedAt + pauseMs
      advance(lane)
    })
  }

  return {
    acquire(host, minIntervalMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const lane = laneFor(host)
        const waiter: Waiter = {
          minIntervalMs,
          start(release) {
            signal?.removeEventListener('abort', giveUp)
            resolve(release)
          },
        }
        const giveUp = () => {
          lane.waiting.splice(lane.waiting.indexOf(waiter), 1)
          reject(signal?.reason)
          advance(lane)
        }
        signal?.addEventListener('abort', giveUp, { once: true })
        lane.waiting.push(waiter)
        advance(lane)
      })
    },
    async waitMs(host, minIntervalMs) {
      const lane = lanes.get(host)
      if (!lane) return 0
      const ahead = lane.waiting.reduce((sum, waiter) => sum + waiter.minIntervalMs, 0)
      return Math.max(dueAt(lane, minIntervalMs) - clock.now(), lane.busy ? minIntervalMs : 0, 0) + ahead
    },
  }
}

function dueAt({ releasedAt, pausedUntil }: Lane, minIntervalMs: number): number {
  return Math.max(releasedAt + minIntervalMs, pausedUntil)
}
