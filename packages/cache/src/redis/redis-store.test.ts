import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, vi } from 'vitest'
import { createCache } from '../create-cache.ts'
import { CacheOptionError } from '../errors.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { command, deletePrefix, describeRedis, newPrefix } from '../testing/redis-server.ts'
import { createRedisStore } from './index.ts'

it('a Redis store refuses a url that is none of Redis', () => {
  for (const url of ['', 'localhost:6379', 'http://localhost'])
    expect(() => createRedisStore({ url })).toThrow(CacheOptionError)
})

it('a Redis that is not there costs nothing but a miss', async () => {
  const cache = createCache({ shared: createRedisStore({ url: 'redis://127.0.0.1:1', connectTimeoutMs: 100 }) })
  expect(await cache.getOrSet('k', () => 1)).toBe(1)
  expect(await cache.invalidateTags(['t'])).toBe('local')
  expect(cache.stats().shared).toMatchObject({ state: 'offline', pending: 1 })
  await cache.close()
})

it('a Redis that accepts and never answers holds one connection at a time, and none after close', async () => {
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

describeRedis('the Redis store', (url) => {
  it('leaves no connection behind where it may not listen', async () => {
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

  it('keeps prefixes apart, and lets every key but its few own ones expire', async () => {
    const prefixes = [newPrefix(), newPrefix()]
    const [a, b] = prefixes.map((prefix) => createCache({ shared: createRedisStore({ url, prefix }) }))
    for (const each of [a, b]) await expect.poll(() => each?.stats().shared?.state).toBe('online')
    await a?.getOrSet('k', () => 'a', { ttlMs: 60_000 })
    expect(await b?.get('k')).toBeUndefined()
    const keys = (await command(url, 'KEYS', `${prefixes[0]}:*`)) as string[]
    for (const key of keys) {
      const ttlMs = (await command(url, 'PTTL', key)) as number
      expect(ttlMs > 0, key).toBe(/:(entry|lock|alive)/.test(key))
    }
    await Promise.all([a?.close(), b?.close()])
    for (const prefix of prefixes) await deletePrefix(url, prefix)
  })

  it('takes a TTL without end', async () => {
    const prefix = newPrefix()
    const cache = createCache({ shared: createRedisStore({ url, prefix }) })
    await expect.poll(() => cache.stats().shared?.state).toBe('online')
    await cache.getOrSet('k', () => 1, { ttlMs: Number.POSITIVE_INFINITY })
    expect(await cache.set('l', 1, { ttlMs: Number.POSITIVE_INFINITY })).toBe('everywhere')
    for (const key of ['k', 'l'])
      expect(await command(url, 'PTTL', `${prefix}:1:entry:${key}`), key).toBeGreaterThan(300 * 24 * 3_600_000)
    await cache.close()
    await deletePrefix(url, prefix)
  })

  it('ends the epoch where another process has taken the server’s place', async () => {
    const prefix = newPrefix()
    const cache = createCache({ shared: createRedisStore({ url, prefix }), sharing: { leaseMs: 200 } })
    const state = () => cache.stats().shared?.lapses
    await expect.poll(() => cache.stats().shared?.state).toBe('online')
    await cache.set('k', 'old')
    await command(url, 'HSET', `${prefix}:1:meta`, 'run', 'another')
    await expect.poll(state).toBe(1)
    await expect.poll(() => cache.stats().shared?.state).toBe('online')
    expect(await cache.get('k')).toBeUndefined()
    await cache.close()
    await deletePrefix(url, prefix)
  })
})
