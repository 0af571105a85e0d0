import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Cache } from './cache.ts'
import { systemClock } from './clock.ts'
import { createCache } from './create-cache.ts'
import { createRedisStore } from './redis/index.ts'
import { createFakeClock, type FakeClock } from './testing/fake-clock.ts'
import { createFaultyStore } from './testing/faulty-store.ts'
import { createFreshnessModel } from './testing/freshness-model.ts'
import { createMemoryChannel } from './testing/memory-channel.ts'
import { createMemoryStore } from './testing/memory-store.ts'
import { deletePrefix, describeRedis, newPrefix } from './testing/redis-server.ts'
import { seed, steps } from './testing/steps.ts'

/*
 * The property: no read that begins after an invalidation was answered with `everywhere` gets a value from before it, on any
 * instance, whatever has befallen it; nor after one that was answered with `local`, on the instance that made it.
 */

const again = `(TEST_SEED=${seed})`
const timeout = 120_000

test(`one instance: no stale read under random interleavings ${again}`, { timeout }, async () => {
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

test(`two instances that share a store: no stale read ${again}`, { timeout }, async () => {
  const total = { checked: 0, everywhere: 0 }
  const run = steps({ instances: 2, maxPauseMs: 30 })
  await fc.assert(
    fc.asyncProperty(run, fc.nat(3), fc.nat(6), async (run, callMs, messageMs) => {
      const { model, clock, close, stores } = await twoInstances()
      for (const store of stores) store.slow(callMs, messageMs)
      await model.run(run)
      await model.finish(() => clock.advance(10))
      await close()
      total.checked += model.counts.checked
      total.everywhere += model.counts.everywhere
    }),
    { seed, numRuns: 200 },
  )
  expect(total.checked).toBeGreaterThan(500)
  expect(total.everywhere).toBeGreaterThan(200)
})

/** Of one instance's connection, or of the store itself. */
const storeFaults = [
  ...[0, 1].flatMap((on) => ['down', 'hang', 'slow', 'lose', 'heal', 'heal', 'heal'].map((fault) => `${fault} ${on}`)),
  'flush',
  'restart',
]
const mended = ['heal 0', 'heal 1', 'mend 0', 'mend 1'].map((name) => ({ do: 'fault', name }) as const)

test(`a store that breaks, hangs, slows down, loses messages, its memory or its process: no stale read ${again}`, {
  timeout,
}, async () => {
  const total = { checked: 0, everywhere: 0, local: 0 }
  await fc.assert(
    fc.asyncProperty(steps({ instances: 2, maxPauseMs: 120, faults: storeFaults }), async (run) => {
      const { model, clock, close } = await twoInstances()
      await model.run(run)
      await model.run(mended)
      await model.finish(() => clock.advance(50))
      await close()
      total.checked += model.counts.checked
      total.everywhere += model.counts.everywhere
      total.local += model.counts.local
    }),
    { seed, numRuns: 500 },
  )
  expect(total.checked).toBeGreaterThan(500)
  expect(total.everywhere).toBeGreaterThan(100)
  expect(total.local).toBeGreaterThan(100)
})

test(`a channel beside the store, both failing: no stale read, and what the store is not told the channel tells ${again}`, {
  timeout,
}, async () => {
  const faults = [...storeFaults, 'cut 0', 'cut 1', 'mend 0', 'mend 1', 'mend 0', 'mend 1']
  const total = { checked: 0, everywhere: 0, local: 0 }
  await fc.assert(
    fc.asyncProperty(steps({ instances: 2, maxPauseMs: 120, faults }), async (run) => {
      const { model, clock, close } = await twoInstances(true)
      await model.run(run)
      await model.run(mended)
      await model.finish(() => clock.advance(50))
      await close()
      for (const name of ['checked', 'everywhere', 'local'] as const) total[name] += model.counts[name]
    }),
    { seed, numRuns: 500 },
  )
  expect(total.checked).toBeGreaterThan(500)
  expect(total.local).toBeGreaterThan(20)
  expect(total.everywhere).toBeGreaterThan(4 * total.local)
})

describeRedis('on a real Redis', (url) => {
  test(`two instances in real time: no stale read ${again}`, { timeout }, async () => {
    const prefix = newPrefix()
    const caches = [0, 1].map(() =>
      createCache({ shared: createRedisStore({ url, prefix }), sharing: { leaseMs: 500 } }),
    )
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

async function twoInstances(withChannel = false) {
  const clock = createFakeClock()
  const memory = createMemoryStore(clock)
  const stores = [0, 1].map(() => createFaultyStore(memory, clock.setTimer))
  const sharing = { leaseMs: 200, readBudgetMs: 20, lockMs: 50, breakerCooldownMs: 50 }
  const channels = withChannel ? createMemoryChannel(2) : []
  const caches = stores.map((shared, at) => {
    const channel = channels[at]
    const cache = createCache({ clock, shared, sharing, sweepMs: 0, ...(channel && { channel }) })
    channel?.bind(cache)
    return cache
  })
  await clock.advance(300)
  const faults: Record<string, (on: number) => unknown> = {
    down: (on) => stores[on]?.down(),
    hang: (on) => stores[on]?.hang(),
    slow: (on) => stores[on]?.slow(15, 30),
    lose: (on) => stores[on]?.loseMessages(1),
    heal: (on) => stores[on]?.heal(),
    flush: () => memory.flush(),
    restart: () => memory.restart(),
    cut: (on) => channels[on]?.cut(),
    mend: (on) => channels[on]?.heal(),
  }
  const fault = (name: string) => void faults[name.split(' ')[0] ?? '']?.(Number(name.split(' ')[1]))
  const model = createFreshnessModel({ caches, clock, pause: (ms) => clock.advance(ms), fault })
  return { model, clock, close: () => closeAll(clock, caches), stores }
}

async function closeAll(clock: FakeClock, caches: readonly Cache[]): Promise<void> {
  const closing = Promise.all(caches.map((each) => each.close()))
  await clock.advance(100)
  await closing
}
