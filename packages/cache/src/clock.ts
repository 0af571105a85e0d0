/** Where the cache takes time from. Only differences count: any starting point will do, but it must never run backwards. */
export interface Clock {
  /** Milliseconds, fractions allowed. */
  now(): number
  /** Calls `run` once, `delayMs` from now. The answer cancels it. */
  setTimer(run: () => void, delayMs: number): () => void
}

/** The process's monotonic clock. Its timers never keep a process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

let coarse = -1

/**
 * The process's monotonic clock in whole milliseconds, read at most once in one: a real reading costs as much as the lookup
 * that it is for (50 ns of a hit's 110). It stands still while one turn of the event loop goes on.
 */
export function coarseNow(): number {
  if (coarse >= 0) return coarse
  coarse = Math.floor(performance.now())
  setTimeout(forget, 1).unref()
  return coarse
}

function forget(): void {
  coarse = -1
}
