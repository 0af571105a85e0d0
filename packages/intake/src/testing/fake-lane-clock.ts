import type { LaneClock } from '../lanes/memory-lanes.ts'

export interface FakeLaneClock extends LaneClock {
  /** Moves on, and runs what is due on the way, at its own time. */
  advance(ms: number): void
}

export function createFakeLaneClock(): FakeLaneClock {
  let now = 0
  const timers = new Set<{ at: number; run: () => void }>()
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        now = next.at
        next.run()
      }
      now = until
    },
  }
}
