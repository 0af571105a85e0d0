import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { createCache } from './create-cache.ts'
import { createRedisStore } from './redis/index.ts'
import { createFakeClock } from './testing/fake-clock.ts'
import { createFaultyStore } from './testing/faulty-store.ts'
import { createFreshnessModel } from './testing/freshness-model.ts'
import { createMemoryStore } from './testing/memory-store.ts'
import { deletePrefix, describeRedis, newPrefix } from './testing/redis-server.ts'
import { seed, steps } from './testing/steps.ts'

/** The property: no read that begins after an invalidation returned is answered with a value from before it. */
describe(`no stale read under random interleavings (TEST_SEED=${seed})`, { timeout: 120_000 }, () => {
  it('on one instance', async () => {
    const total = { checked: 0 }
    await fc.assert(
      fc.asyncProperty(steps({ instances: 1, maxPauseMs: 30 }), async (run) => {
        const clock = createFakeClock()
        const cache = createCache({ clock, maxEntries: 2, maxMarks: 2, sweepMs: 20 })
        const model = createFreshnessModel({ caches: [cache], clock, pause: (ms) => clock.advance(ms) })
        await model.run(run)
        await model.finish(() => clock.advance(10))
        await cache.close()
        total.checked += model.counts.checked
      }),
      { seed, numRuns: 300 },
    )
    expect(total.checked).toBeGreaterThan(1_000)
  })

  it('on two instances that share a store', async () => {
    const total = { checked: 0, everywhere: 0 }
    await fc.assert(
      fc.asyncProperty(
        steps({ instances: 2, maxPauseMs: 30 }),
        fc.nat(3),
        fc.nat(6),
        async (run, callMs, messageMs) => {
          const { model, clock, close, store } = await twoInstances()
          store.slow(callMs, messageMs)
          await model.run(run)
          await model.finish(() => clock.advance(10))
          await close()
          total.checked += model.counts.checked
          total.everywhere += model.counts.everywhere
        },
      ),
      { seed, numRuns: 200 },
    )
    expect(total.checked).toBeGreaterThan(500)
    expect(total.everywhere).toBeGreaterThan(200)
  })

  it('on two instances whose store breaks, hangs, slows down, loses messages, its memory or its process', async () => {
    const faults = ['down', 'hang', 'slow', 'lose', 'flush', 'restart', 'heal', 'heal', 'heal']
    const total = { checked: 0, everywhere: 0, local: 0 }
    await fc.assert(
      fc.asyncProperty(steps({ instances: 2, maxPauseMs: 120, faults }), async (run) => {
        const { model, clock, close } = await twoInstances()
        await model.run(run)
        await model.run([{ do: 'fault', name: 'heal' }])
        await model.finish(() => clock.advance(50))
        await close()
        total.checked += model.counts.checked
        total.everywhere += model.counts.everywhere
        total.local += model.counts.local
      }),
      { seed, numRuns: 1000 },
    )
    expect(total.checked).toBeGreaterThan(500)
    expect(total.everywhere).toBeGreaterThan(100)
    expect(total.local).toBeGreaterThan(100)
  })

  describeRedis('on two instances on a real Redis', (url) => {
    it('and real time', { timeout: 120_000 }, async () => {
      const prefix = newPrefix()
      const sharing = { leaseMs: 500, offlineTtlMs: 0 }
      const caches = [0, 1].map(() => createCache({ shared: createRedisStore({ url, prefix }), sharing }))
      const pause = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.setTimer(resolve, ms))
      await expect.poll(() => caches.every((each) => each.stats().shared?.state === 'online')).toBe(true)
      const total = { checked: 0, everywhere: 0 }
      let runs = 0
      await fc.assert(
        fc.asyncProperty(steps({ instances: 2, maxPauseMs: 10 }), async (run) => {
          runs += 1
          const model = createFreshnessModel({ caches, clock: systemClock, pause, prefix: `${runs} ` })
          await model.run(run)
          await model.finish(() => pause(5))
          total.checked += model.counts.checked
          total.everywhere += model.counts.everywhere
        }),
        { seed, numRuns: 60, endOnFailure: true },
      )
      await Promise.all(caches.map((each) => each.close()))
      await deletePrefix(url, prefix)
      expect(total.checked).toBeGreaterThan(500)
      expect(total.everywhere).toBeGreaterThan(200)
    })
  })
})

async function twoInstances() {
  const clock = createFakeClock()
  const memory = createMemoryStore(clock)
  const store = createFaultyStore(memory, clock.setTimer)
  const sharing = { leaseMs: 200, readBudgetMs: 20, offlineTtlMs: 0, lockMs: 50, breakerCooldownMs: 50 }
  const caches = [0, 1].map(() => createCache({ clock, shared: store, sharing, sweepMs: 0 }))
  await clock.advance(300)
  const model = createFreshnessModel({
    caches,
    clock,
    pause: (ms) => clock.advance(ms),
    fault(name) {
      if (name === 'down') store.down()
      else if (name === 'hang') store.hang()
      else if (name === 'slow') store.slow(15, 30)
      else if (name === 'lose') store.loseMessages(1)
      else if (name === 'flush') memory.flush()
      else if (name === 'restart') memory.restart()
      else store.heal()
    },
  })
  const close = async (): Promise<void> => {
    const closing = Promise.all(caches.map((each) => each.close()))
    await clock.advance(100)
    await closing
  }
  return { model, clock, close, store }
}
