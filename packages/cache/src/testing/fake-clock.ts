import type { Clock } from '../clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /**
   * Moves on by `ms`, running the timers that fall due, each at its own time. Promises settle in between, so that a chain of
   * timers runs to its end.
   */
  advance(ms: number): Promise<void>
  /** Time passes and no timer runs, as in a process that is busy or was suspended. */
  stall(ms: number): void
  /** Lets everything settle that needs no time. */
  settle(): Promise<void>
}

export function createFakeClock(startMs = 1_000): FakeClock {
  let now = startMs
  const timers = new Set<Timer>()

  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]

  return {
    now: () => now,
    setTimer(run, delayMs) {
      const timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const until = now + ms
      await drain()
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due)
        now = Math.max(now, due.at)
        due.run()
        await drain()
      }
      now = until
    },
    stall(ms) {
      now += ms
    },
    settle: drain,
  }
}

/** Two turns of the event loop: longer than any chain of promises that does no input or output. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
