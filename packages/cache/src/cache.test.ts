import { expect, test } from 'vitest'
import type { Cache } from './cache.ts'
import type { Invalid } from './channel.ts'
import { createCache } from './create-cache.ts'
import { LoadTimeoutError } from './errors.ts'
import type { CacheOptions } from './options.ts'
import type { ReadOptions, ReadTrace } from './read-options.ts'
import { createFakeClock } from './testing/fake-clock.ts'

function setup(options: CacheOptions = {}) {
  const clock = createFakeClock()
  return { clock, cache: createCache({ clock, sweepMs: 0, ...options }) }
}
/** A loader that answers 1, 2, 3 … */
function counter() {
  let loads = 0
  return { load: () => ++loads, loads: () => loads }
}
const failing = async (): Promise<never> => {
  throw new Error('as planned')
}
/** Loads a value that is there already. */
const put = async <T>(cache: Cache, key: string, value: T, options?: ReadOptions<T>) =>
  cache.getOrSet(key, () => value, options)

test('a hit is answered without a promise, until its TTL is over', async () => {
  const { cache, clock } = setup()
  const { load } = counter()
  expect(await cache.getOrSet('k', load, { ttlMs: 100 })).toBe(1)
  await clock.advance(99)
  expect(cache.getOrSet('k', load, { ttlMs: 100 })).toBe(1)
  await clock.advance(1)
  expect(await cache.getOrSet('k', load, { ttlMs: 100 })).toBe(2)
})

test('a value with a TTL of 0 is not kept, even if the TTL comes from the value', async () => {
  const { cache } = setup()
  const { load } = counter()
  const options = { ttlMs: (value: number) => (value < 3 ? 0 : 100) }
  for (const expected of [1, 2, 3, 3]) expect(await cache.getOrSet('k', load, options)).toBe(expected)
})

test('undefined and null are values like others', async () => {
  const { cache } = setup()
  for (const value of [undefined, null]) {
    await put(cache, `${value}`, value)
    expect(cache.getOrSet<unknown>(`${value}`, failing)).toBe(value)
  }
})

test('10,000 concurrent misses run one loader', async () => {
  const { cache } = setup()
  const { promise, resolve } = Promise.withResolvers<string>()
  const { load, loads } = counter()
  const reads = Array.from({ length: 10_000 }, () => cache.getOrSet('k', () => promise.then(() => load())))
  resolve('go')
  expect(new Set(await Promise.all(reads))).toEqual(new Set([1]))
  expect(loads()).toBe(1)
  expect(cache.stats()).toMatchObject({ loads: 1, misses: 10_000, stores: 1, inFlight: 0 })
})

test('a loader that fails fails everyone who waits once, and nothing is kept', async () => {
  const { cache } = setup()
  const { load } = counter()
  const failed = await Promise.allSettled([cache.getOrSet('k', failing), cache.getOrSet('k', failing)])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(cache.stats()).toMatchObject({ loads: 1, loadFailures: 1, entries: 0 })
  expect(await cache.getOrSet('k', load)).toBe(1)
})

test('an error that a loader throws synchronously becomes a rejection', async () => {
  const { cache } = setup()
  const load = (): number => {
    throw new Error('as planned')
  }
  await expect(cache.getOrSet('k', load)).rejects.toThrow('as planned')
})

test('a caller may leave without ending the load of the others', async () => {
  const { cache } = setup()
  const { promise, resolve } = Promise.withResolvers<number>()
  const controller = new AbortController()
  let signal: AbortSignal | undefined
  const load = (context: { signal: AbortSignal }): Promise<number> => {
    signal = context.signal
    return promise
  }
  const leaving = cache.getOrSet('k', load, { signal: controller.signal })
  const staying = cache.getOrSet('k', load)
  controller.abort(new Error('gone'))
  await expect(leaving).rejects.toThrow('gone')
  expect(signal?.aborted).toBe(false)
  resolve(7)
  expect(await staying).toBe(7)
})

test('a load ends when all its callers have gone, and counts as no failure', async () => {
  const { cache, clock } = setup()
  const controller = new AbortController()
  let signal: AbortSignal | undefined
  const load = (context: { signal: AbortSignal }): Promise<number> => {
    signal = context.signal
    return new Promise(() => undefined)
  }
  const reads = [1, 2].map(() => cache.getOrSet('k', load, { signal: controller.signal }))
  await clock.settle()
  controller.abort(new Error('gone'))
  for (const read of reads) await expect(read).rejects.toThrow('gone')
  expect(signal?.aborted).toBe(true)
  expect(cache.stats()).toMatchObject({ inFlight: 0, loadFailures: 0 })
  await expect(cache.getOrSet('k', load, { signal: controller.signal })).rejects.toThrow('gone')
})

test('the loader of a caller that had left before does not run', async () => {
  const { cache, clock } = setup()
  const { load, loads } = counter()
  const signal = AbortSignal.abort(new Error('gone'))
  await expect(cache.getOrSet('k', load, { signal })).rejects.toThrow('gone')
  await clock.settle()
  expect(loads()).toBe(0)
})

test('a hung loader has a deadline, and its late result is dropped', async () => {
  const { cache, clock } = setup({ loadTimeoutMs: 50 })
  const { promise, resolve } = Promise.withResolvers<number>()
  const hung = Promise.resolve(cache.getOrSet('k', () => promise))
  const outcome = expect(hung).rejects.toThrow(LoadTimeoutError)
  await clock.advance(50)
  await outcome
  resolve(1)
  await clock.settle()
  expect(cache.stats()).toMatchObject({ entries: 0, inFlight: 0, loadFailures: 1 })
  expect(await cache.getOrSet('k', () => 2)).toBe(2)
})

test('the cache has default times of its own', async () => {
  const { cache, clock } = setup({ ttlMs: 10, staleMs: 10 })
  const { load } = counter()
  await cache.getOrSet('k', load)
  await clock.advance(10)
  const trace: ReadTrace = {}
  expect(cache.getOrSet('k', load, { trace })).toBe(1)
  expect(trace.cause).toBe('refreshing')
})

test('a stale value is served while one refresh runs, for its stale time only', async () => {
  const { cache, clock } = setup()
  const { load, loads } = counter()
  const options = { ttlMs: 10, staleMs: 20 }
  await cache.getOrSet('k', load, options)
  await clock.advance(10)
  expect([1, 2, 3].map(() => cache.getOrSet('k', load, options))).toEqual([1, 1, 1])
  await clock.settle()
  expect(cache.getOrSet('k', load, options)).toBe(2)
  expect(loads()).toBe(2)
  await clock.advance(30)
  expect(await cache.getOrSet('k', load, options)).toBe(3)
  expect(cache.stats()).toMatchObject({ staleHits: 3, misses: 2, hits: 1 })
})

test('a stale value is not refreshed again for a second after a refresh failed', async () => {
  const { cache, clock } = setup()
  const options = { ttlMs: 10, staleMs: 5_000 }
  const stale: boolean[] = []
  cache.events.on('loadFailure', ({ hasStale }) => stale.push(hasStale))
  await put(cache, 'k', 1, options)
  await clock.advance(10)
  for (let read = 0; read < 5; read += 1) {
    expect(cache.getOrSet('k', failing, options)).toBe(1)
    await clock.advance(100)
  }
  expect(cache.stats().loadFailures).toBe(1)
  await clock.advance(1_000)
  cache.getOrSet('k', failing, options)
  await clock.settle()
  expect(cache.stats().loadFailures).toBe(2)
  expect(stale).toEqual([true, true])
})

test('a stale value is never served after an invalidation, whatever fails', async () => {
  const { cache } = setup()
  const options = { ttlMs: 10, staleMs: 1_000, tags: ['t'] }
  await put(cache, 'k', 1, options)
  await cache.invalidateTags(['t'])
  await expect(cache.getOrSet('k', failing, options)).rejects.toThrow('as planned')
})

test('a refresh that brings nothing to keep ends the old value', async () => {
  const { cache, clock } = setup()
  const options = { ttlMs: (value: string) => (value === 'nothing' ? 0 : 10), staleMs: 10_000 }
  await put(cache, 'k', 'old', options)
  await clock.advance(20)
  expect(cache.getOrSet('k', () => 'nothing', options)).toBe('old')
  await clock.settle()
  expect(await cache.getOrSet('k', () => 'nothing', options)).toBe('nothing')
})

test.each([
  ['known before', ['t']],
  ['known from the result', (): string[] => ['t']],
])('an invalidation keeps a load that began before it out of the cache: its tags are %s', async (_, tags) => {
  const { cache } = setup()
  const { promise, resolve } = Promise.withResolvers<string>()
  const refused: string[] = []
  cache.events.on('refused', ({ key }) => refused.push(key))
  const before = cache.getOrSet('k', () => promise, { tags })
  await cache.invalidateTags(['t'])
  const after = cache.getOrSet('k', () => 'new', { tags })
  resolve('old')
  expect(await before).toBe('old')
  expect(await after).toBe('new')
  expect(cache.peek('k')).toBe('new')
  expect(refused).toEqual(['k'])
  expect(cache.stats().refused).toBe(1)
})

test('an invalidation does not disturb loads and entries of other tags', async () => {
  const { cache } = setup()
  const { promise, resolve } = Promise.withResolvers<string>()
  const read = cache.getOrSet('k', () => promise, { tags: ['t'] })
  await cache.invalidateTags(['other'])
  resolve('value')
  await read
  expect(cache.peek('k')).toBe('value')
})

test('a caller’s later change to its array of tags has no effect', async () => {
  const { cache } = setup()
  const tags = ['t']
  await put(cache, 'k', 1, { tags })
  tags[0] = 'other'
  await cache.invalidateTags(['t'])
  expect(cache.peek('k')).toBeUndefined()
})

test('clear forgets all entries, returns their number, and keeps results of running loads out', async () => {
  const { cache } = setup()
  const { promise, resolve } = Promise.withResolvers<number>()
  await put(cache, 'a', 1)
  await put(cache, 'b', 1)
  const read = cache.getOrSet('c', () => promise)
  expect(await cache.clear()).toBe(2)
  resolve(1)
  await read
  expect(['a', 'b', 'c'].map((key) => cache.peek(key))).toEqual([undefined, undefined, undefined])
})

test('a bounded number of tags is remembered: entries are forgotten rather than invalidations', async () => {
  const { cache } = setup({ maxMarks: 10 })
  await put(cache, 'k', 1, { tags: ['t'] })
  for (let i = 0; i < 100; i += 1) await cache.invalidateTags([`tag ${i}`])
  expect(cache.stats().marks).toBeLessThanOrEqual(10)
  expect(await put(cache, 'k', 2, { tags: ['t'] })).toBe(2)
  expect(cache.peek('k')).toBe(2)
})

test('memory holds the most recently used entries', async () => {
  const { cache } = setup({ maxEntries: 2 })
  const evicted: string[] = []
  cache.events.on('evict', ({ key, cause }) => evicted.push(`${key} ${cause}`))
  await put(cache, 'a', 1)
  await put(cache, 'b', 1)
  cache.peek('a')
  await put(cache, 'c', 1)
  expect(evicted).toEqual(['b entries'])
  expect(cache.stats()).toMatchObject({ entries: 2, evictions: { entries: 1 } })
})

test('memory is bounded by bytes, given or estimated, tags included', async () => {
  const { cache } = setup({ maxBytes: 10_000 })
  for (const key of ['a', 'b', 'c']) await put(cache, key, Buffer.alloc(4_000))
  expect(cache.stats()).toMatchObject({ entries: 2, evictions: { bytes: 1 } })
  expect(cache.stats().bytes).toBeGreaterThan(8_000)
  await put(cache, 'large', Buffer.alloc(10_000))
  await put(cache, 'long tag', 1, { tags: ['x'.repeat(10_000)] })
  expect(cache.stats()).toMatchObject({ entries: 2, evictions: { oversize: 2 } })
  const told = setup({ maxBytes: 10_000, sizeOf: () => 9_900 }).cache
  await put(told, 'k', 1)
  expect(told.stats()).toMatchObject({ entries: 0, evictions: { oversize: 1 } })
})

test('a value that cannot be measured is answered, and not kept', async () => {
  const { cache } = setup()
  const evicted: string[] = []
  cache.events.on('evict', ({ cause }) => evicted.push(cause))
  let deep: unknown
  for (let depth = 0; depth < 20_000; depth += 1) deep = { deep }
  expect(await cache.getOrSet('k', () => deep)).toBe(deep)
  expect(evicted).toEqual(['oversize'])
  expect(cache.stats().entries).toBe(0)
})

test('memory drops expired and invalidated entries, when asked and by itself', async () => {
  const { cache, clock } = setup({ sweepMs: 1_000 })
  const fill = async (): Promise<void> => {
    await put(cache, 'expired', 1, { ttlMs: 10 })
    await put(cache, 'invalid', 1, { tags: ['t'] })
    await put(cache, 'stale', 1, { ttlMs: 10, staleMs: 5_000 })
    await put(cache, 'fresh', 1)
    await cache.invalidateTags(['t'])
  }
  await fill()
  await clock.advance(10)
  expect(cache.census()).toEqual({ active: 1, expired: 3 })
  expect(cache.purgeExpired()).toBe(2)
  await fill()
  await clock.advance(1_000)
  expect(cache.stats()).toMatchObject({ entries: 2, evictions: { expired: 2, invalidated: 2 } })
  await cache.close()
  expect(cache.stats().entries).toBe(0)
})

test('an infinite TTL is a year, and NaN keeps nothing', async () => {
  const { cache, clock } = setup()
  await put(cache, 'k', 1, { ttlMs: Number.POSITIVE_INFINITY })
  await put(cache, 'none', 1, { ttlMs: Number.NaN })
  expect(cache.peek('none')).toBeUndefined()
  clock.stall(364 * 24 * 3_600_000)
  expect(cache.peek('k')).toBe(1)
  clock.stall(2 * 24 * 3_600_000)
  expect(cache.peek('k')).toBeUndefined()
})

test('reads are counted by namespace', async () => {
  const { cache } = setup()
  await put(cache, 'a', 1, { namespace: 'cards' })
  cache.getOrSet('a', () => 1)
  await put(cache, 'b', 1, { namespace: 'users' })
  const { namespaces, hitRate, maxEntries } = cache.stats()
  expect(namespaces.cards).toMatchObject({ hits: 1, misses: 1, stores: 1, loads: 1, entries: 1 })
  expect(namespaces.users).toMatchObject({ hits: 0, misses: 1, stores: 1, entries: 1 })
  expect(hitRate).toBeCloseTo(1 / 3)
  expect(maxEntries).toBe(1000)
})

test('an entry that is replaced, evicted or invalidated is counted once', async () => {
  const { cache, clock } = setup({ maxEntries: 3, ttlMs: 1 })
  for (let i = 0; i < 20; i += 1) {
    await put(cache, `k${i % 5}`, 'x'.repeat(i), { tags: [`k${i % 5}`] })
    if (i % 7 === 0) await cache.invalidateTags([`k${i % 5}`])
    if (i % 3 === 0) await clock.advance(1)
  }
  const { entries, bytes, namespaces } = cache.stats()
  expect(entries).toBeGreaterThan(0)
  expect(namespaces.default).toMatchObject({ entries, bytes })
  await cache.clear()
  expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

test('a trace says how a read was answered', async () => {
  const { cache, clock } = setup()
  const traced = async (key: string): Promise<ReadTrace> => {
    const trace: ReadTrace = {}
    await put(cache, key, 1, { ttlMs: 10, tags: ['t'], trace })
    return trace
  }
  expect(await traced('k')).toEqual({ status: 'miss', cause: 'absent', ageMs: 0, tags: ['t'] })
  await clock.advance(5)
  expect(await traced('k')).toEqual({ status: 'hit', cause: 'fresh', ageMs: 5, tags: ['t'] })
  await clock.advance(5)
  expect(await traced('k')).toMatchObject({ status: 'miss', cause: 'expired' })
  await cache.invalidateTags(['t'])
  expect(await traced('k')).toMatchObject({ status: 'miss', cause: 'invalidated' })
})

test('listeners are told of invalidations, and their errors break nothing', async () => {
  const { cache } = setup()
  const told: unknown[] = []
  cache.events.on('invalidate', (event) => told.push(event))
  await cache.invalidateTags(['a'])
  await cache.clear()
  expect(told).toEqual([
    { what: ['a'], reach: 'everywhere' },
    { what: 'all', reach: 'everywhere' },
  ])
  const warnings: unknown[] = []
  process.once('warning', (warning) => warnings.push(warning.name))
  cache.events.on('invalidate', () => {
    throw new Error('as planned')
  })
  expect(await cache.invalidateTags(['a'])).toBe('everywhere')
  await expect.poll(() => warnings).toEqual(['CacheListenerWarning'])
})

test('after close, loads go on and nothing is kept', async () => {
  const { cache } = setup()
  await cache.close()
  const { load } = counter()
  expect(await cache.getOrSet('k', load)).toBe(1)
  expect(await cache.getOrSet('k', load)).toBe(2)
})

test('peek counts what memory has fresh, and nothing else', async () => {
  const { cache, clock } = setup()
  await put(cache, 'k', 1, { ttlMs: 10, staleMs: 10 })
  const trace: ReadTrace = {}
  expect(cache.peek('k', trace)).toBe(1)
  expect(trace).toMatchObject({ status: 'hit', cause: 'fresh', ageMs: 0 })
  await clock.advance(10)
  expect([cache.peek('k'), cache.peek('none')]).toEqual([undefined, undefined])
  expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, staleHits: 0 })
})

test('every option that cannot work is named', () => {
  expect(() => createCache({ maxEntries: 0, ttlMs: -1 })).toThrow('Cannot work: ttlMs = -1, maxEntries = 0')
  expect(() => createCache({ sharing: { leaseMs: 0 } })).toThrow('leaseMs = 0')
})

/** A cache with a channel that is live or not, as told. */
function withChannel() {
  const told: Invalid[] = []
  const state = { live: true }
  const channel = { isLive: () => state.live, tell: async (what: Invalid) => void told.push(what) }
  return { ...setup({ channel }), state, told }
}

test('while the channel is not live, nothing is answered from the cache and nothing is kept', async () => {
  const { cache, clock, state } = withChannel()
  const options = { ttlMs: 10, staleMs: 1_000 }
  await put(cache, 'k', 'old', options)
  state.live = false
  const trace: ReadTrace = {}
  expect(await put(cache, 'k', 'new', { trace })).toBe('new')
  expect(trace).toMatchObject({ status: 'miss', cause: 'untrusted' })
  await clock.advance(20)
  expect(await put(cache, 'k', 'newer', options)).toBe('newer')
  expect(cache.peek('k')).toBeUndefined()
  await put(cache, 'other', 1)
  expect(cache.stats()).toMatchObject({ inTouch: false, stores: 1, hits: 0, staleHits: 0 })
  state.live = true
  expect(cache.stats().inTouch).toBe(true)
  expect(cache.peek('other')).toBeUndefined()
})

test('a value loaded while the channel broke is not kept', async () => {
  const { cache, state } = withChannel()
  const { promise, resolve } = Promise.withResolvers<string>()
  const read = cache.getOrSet('k', () => promise)
  state.live = false
  resolve('old')
  expect(await read).toBe('old')
  await cache.hear('all')
  state.live = true
  expect(cache.peek('k')).toBeUndefined()
})

test('callers of an instance out of touch share the load that begins after they came, and none that began before', async () => {
  const { cache, clock, state } = withChannel()
  state.live = false
  const loads: PromiseWithResolvers<number>[] = []
  const load = (): Promise<number> => {
    const next = Promise.withResolvers<number>()
    loads.push(next)
    return next.promise
  }
  const first = cache.getOrSet('k', load)
  await clock.settle()
  const later = Array.from({ length: 1_000 }, () => cache.getOrSet('k', load))
  await clock.settle()
  expect(loads).toHaveLength(1)
  loads[0]?.resolve(1)
  expect(await first).toBe(1)
  await clock.settle()
  expect(loads).toHaveLength(2)
  loads[1]?.resolve(2)
  expect(new Set(await Promise.all(later))).toEqual(new Set([2]))
})

test('an invalidation from the channel is applied, and not told to it again', async () => {
  const { cache, told } = withChannel()
  await put(cache, 'k', 1, { tags: ['t'] })
  await put(cache, 'other', 1, { tags: ['o'] })
  await cache.hear(['t'])
  expect([cache.peek('k'), cache.peek('other')]).toEqual([undefined, 1])
  await cache.hear('all')
  expect(cache.peek('other')).toBeUndefined()
  expect(told).toEqual([])
})
