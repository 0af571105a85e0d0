import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { createCache } from '../create-cache.ts'
import { CacheOptionError } from '../errors.ts'
import type { ReadTrace } from '../read-options.ts'
import { wireVersion } from '../shared/wire.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { command, deletePrefix, describeRedis, newPrefix } from '../testing/redis-server.ts'
import { createRedisStore } from './index.ts'

test('a Redis store refuses a url that is not for Redis', () => {
  for (const url of ['', 'localhost:6379', 'http://localhost'])
    expect(() => createRedisStore({ url })).toThrow(CacheOptionError)
})

test('an absent Redis costs nothing but a miss', async () => {
  const cache = createCache({ shared: createRedisStore({ url: 'redis://127.0.0.1:1', connectTimeoutMs: 100 }) })
  expect(await cache.getOrSet('k', () => 1)).toBe(1)
  expect(await cache.invalidateTags(['t'])).toBe('local')
  expect(cache.stats().shared).toMatchObject({ state: 'offline', pending: 1 })
  await cache.close()
})

test('a Redis that accepts and never answers holds one connection at a time, and none after close', async () => {
  const sockets = new Set<Socket>()
  const accepted = vi.fn()
  const server = createServer((socket) => {
    accepted()
    sockets.add(socket)
    socket.resume().on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const clock = createFakeClock()
  const { port } = server.address() as AddressInfo
  const cache = createCache({ clock, sweepMs: 0, shared: createRedisStore({ url: `redis://127.0.0.1:${port}` }) })
  for (const pauseMs of [25, 50]) {
    await expect.poll(() => sockets.size).toBe(1)
    await clock.advance(2_000)
    await expect.poll(() => sockets.size).toBe(0)
    await clock.advance(pauseMs)
  }
  await expect.poll(() => sockets.size).toBe(1)
  expect(accepted).toHaveBeenCalledTimes(3)
  await cache.close()
  await expect.poll(() => sockets.size).toBe(0)
  server.close()
})

describeRedis('on a real Redis', (url) => {
  /** A cache that is online. */
  const open = async (options: { prefix: string; release?: string }, leaseMs = 2_000) => {
    const cache = createCache({ shared: createRedisStore({ url, ...options }), sharing: { leaseMs } })
    await expect.poll(() => cache.stats().shared?.state).toBe('online')
    return cache
  }

  test('a store leaves no connection behind where it may not listen', async () => {
    const user = newPrefix()
    await command(url, 'ACL', 'SETUSER', user, 'on', '>pw', '~*', 'resetchannels', '+@all')
    const limited = new URL(url)
    limited.username = user
    limited.password = 'pw'
    const handlers = { onMessage: vi.fn(), onAck: vi.fn(), onClose: vi.fn() }
    const store = createRedisStore({ url: limited.href, prefix: newPrefix() })
    await expect(store.open(handlers, new AbortController().signal)).rejects.toThrow(/permission/i)
    const clients = async () => `${await command(url, 'CLIENT', 'LIST')}`
    await expect.poll(clients).not.toContain(`user=${user}`)
    await command(url, 'ACL', 'DELUSER', user)
  })

  test('prefixes are kept apart, and every key but a few of the store’s own expires', async () => {
    const prefixes = [newPrefix(), newPrefix()] as const
    const [a, b] = [await open({ prefix: prefixes[0] }), await open({ prefix: prefixes[1] })]
    await a.getOrSet('k', () => 'a', { ttlMs: 60_000 })
    expect(await b.getOrSet('k', () => 'b')).toBe('b')
    const keys = (await command(url, 'KEYS', `${prefixes[0]}:*`)) as string[]
    for (const key of keys) {
      const ttlMs = (await command(url, 'PTTL', key)) as number
      expect(ttlMs > 0, key).toBe(/:(entry|lock|alive)/.test(key))
    }
    await Promise.all([a.close(), b.close()])
    for (const prefix of prefixes) await deletePrefix(url, prefix)
  })

  test('two releases share invalidations, and no values', async () => {
    const prefix = newPrefix()
    const [old, next] = [await open({ prefix, release: '1' }), await open({ prefix, release: '2' })]
    const options = { ttlMs: 60_000, tags: ['t'] }
    await old.getOrSet('k', () => 'in the old shape', options)
    expect(await next.getOrSet('k', () => 'in the new shape', options)).toBe('in the new shape')
    expect(await next.invalidateTags(['t'])).toBe('everywhere')
    expect(await old.getOrSet('k', () => 'loaded anew', options)).toBe('loaded anew')
    await Promise.all([old.close(), next.close()])
    await deletePrefix(url, prefix)
  })

  test('Redis accepts an infinite TTL', async () => {
    const prefix = newPrefix()
    const cache = await open({ prefix })
    await cache.getOrSet('k', () => 1, { ttlMs: Number.POSITIVE_INFINITY })
    const entry = `${prefix}:${wireVersion}:entry::0:k`
    await expect.poll(() => command(url, 'PTTL', entry)).toBeGreaterThan(300 * 24 * 3_600_000)
    await cache.close()
    await deletePrefix(url, prefix)
  })

  test('the epoch ends where another process has taken the server’s place', async () => {
    const prefix = newPrefix()
    const cache = await open({ prefix }, 200)
    await cache.getOrSet('k', () => 'old')
    await command(url, 'HSET', `${prefix}:${wireVersion}:meta`, 'run', 'another')
    await expect.poll(() => cache.stats().shared?.lapses).toBe(1)
    await expect.poll(() => cache.stats().shared?.state).toBe('online')
    const trace: ReadTrace = {}
    expect(await cache.getOrSet('k', () => 'new', { trace })).toBe('new')
    expect(trace.status).toBe('miss')
    await cache.close()
    await deletePrefix(url, prefix)
  })
})
