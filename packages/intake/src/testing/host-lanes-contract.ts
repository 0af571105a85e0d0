import { describe, expect, it } from 'vitest'
import type { HostLanes } from '../lanes/host-lanes.ts'

/** All lanes pass this, in memory or over a store. Short intervals on the real clock, since a store has one of its own. */
export function testHostLanes(name: string, open: () => Promise<{ lanes: HostLanes; close(): Promise<void> }>): void {
  const intervalMs = 40
  const withLanes = (test: (lanes: HostLanes) => Promise<void>) => async () => {
    const { lanes, close } = await open()
    try {
      await test(lanes)
    } finally {
      await close()
    }
  }

  describe(`lanes ${name}`, () => {
    it(
      'have one holder at a time, and an interval from its release to the next start',
      withLanes(async (lanes) => {
        const events: { at: number; kind: 'start' | 'end' }[] = []
        const hold = async () => {
          const release = await lanes.acquire('a:80', intervalMs)
          events.push({ at: performance.now(), kind: 'start' })
          await new Promise((resolve) => setTimeout(resolve, 5))
          events.push({ at: performance.now(), kind: 'end' })
          release()
        }
        await Promise.all([hold(), hold(), hold(), hold(), hold()])
        expect(events.map(({ kind }) => kind)).toEqual(Array(5).fill(['start', 'end']).flat())
        for (let next = 2; next < events.length; next += 2) {
          // A store may count in whole milliseconds.
          expect((events[next]?.at ?? 0) - (events[next - 1]?.at ?? 0)).toBeGreaterThanOrEqual(intervalMs - 1)
        }
      }),
    )

    it(
      'are free of each other',
      withLanes(async (lanes) => {
        const held = await lanes.acquire('a:80', 60_000)
        const other = await lanes.acquire('b:80', 60_000)
        held()
        other()
      }),
    )

    it(
      'let who gives up go at once, and go on without them',
      withLanes(async (lanes) => {
        const held = await lanes.acquire('a:80', 0)
        const controller = new AbortController()
        const waiting = lanes.acquire('a:80', 0, controller.signal)
        const next = lanes.acquire('a:80', 0)
        controller.abort(new Error('no more'))
        await expect(waiting).rejects.toThrow('no more')
        held()
        ;(await next)()
      }),
    )

    it(
      'keep a pause that a release asks for, and tell of it',
      withLanes(async (lanes) => {
        expect(await lanes.waitMs('a:80', 0)).toBe(0)
        const release = await lanes.acquire('a:80', 0)
        release(60_000)
        await expect.poll(() => lanes.waitMs('a:80', 0)).toBeGreaterThan(50_000)
        const waiting = lanes.acquire('a:80', 0, AbortSignal.timeout(100))
        await expect(waiting).rejects.toThrow()
      }),
    )
  })
}
