import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { createCache } from '../create-cache.ts'
import { createFreshnessModel, type Step } from '../testing/freshness-model.ts'
import { command, deletePrefix, describeRedis, newPrefix } from '../testing/redis-server.ts'
import { createTcpProxy } from '../testing/tcp-proxy.ts'
import { createRedisStore } from './index.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.setTimer(resolve, ms))

/** Reads on both instances all the time, and now and then a write. */
function load(count: number): Step[] {
  return Array.from({ length: count }, (_, i): Step[] => [
    ...Array.from(
      { length: 4 },
      (): Step => ({ do: 'read', on: i, id: i % 3, how: i % 2 === 0 ? 'known' : 'result', loadMs: i % 3, early: true }),
    ),
    ...(i % 7 === 0 ? [{ do: 'write', on: i % 2, id: i % 3 } as const] : []),
    { do: 'pause', pauseMs: 1 },
  ]).flat()
}

describeRedis('with load on, and Redis failing under it', (url) => {
  test('no read fails, none waits long, and nothing invalidated comes back', { timeout: 60_000 }, async () => {
    const prefix = newPrefix()
    const proxy = await createTcpProxy(new URL(url))
    const proxied = `redis://127.0.0.1:${proxy.port}`
    const sharing = { leaseMs: 400, breakerCooldownMs: 200, lockMs: 200 }
    const caches = [0, 1].map(() => createCache({ shared: createRedisStore({ url: proxied, prefix }), sharing }))
    const all = (state: string) => () => caches.every((each) => each.stats().shared?.state === state)
    const breakers: string[] = []
    caches[0]?.events.on('breaker', ({ state }) => breakers.push(state))
    await expect.poll(all('online')).toBe(true)

    let slowestMs = 0
    const model = createFreshnessModel({
      caches,
      clock: systemClock,
      pause,
      onRead: (tookMs) => {
        slowestMs = Math.max(slowestMs, tookMs)
      },
    })
    const under = async (state: string): Promise<void> => {
      for (let turn = 0; turn < 20 && !all(state)(); turn += 1) await model.run(load(50))
      expect(all(state)()).toBe(true)
      await model.run(load(200))
    }

    await under('online')
    // Killed and started again without its data, as a Redis without persistence is.
    await proxy.cut()
    await under('offline')
    await deletePrefix(url, prefix)
    await proxy.restore()
    await under('online')
    // Cut off and found again as it was.
    await proxy.cut()
    await under('offline')
    await proxy.restore()
    await under('online')
    // Hung: connected, and silent.
    proxy.freeze()
    await under('offline')
    await proxy.restore()
    await under('online')
    // Emptied under a live connection.
    await deletePrefix(url, prefix)
    await under('online')
    // The subscriber's connection killed by the server.
    await command(url, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
    await under('online')

    await model.finish(() => pause(5))
    expect(model.counts).toMatchObject({ failed: 0 })
    expect(model.counts.reads).toBeGreaterThan(5_000)
    expect(model.counts.local).toBeGreaterThan(10)
    expect(model.counts.everywhere).toBeGreaterThan(10)
    expect(breakers).toContain('open')
    expect(breakers.at(-1)).toBe('closed')
    // Twice lockMs, for a lead that was lost with its instance's connection, and the delays of a busy machine.
    expect(slowestMs).toBeLessThan(1_000)
    for (const each of caches) await each.close()
    await proxy.close()
    await deletePrefix(url, prefix)
  })
})
