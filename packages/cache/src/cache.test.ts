import { describe, expect, it } from 'vitest'
import { createCache } from './create-cache.ts'
import { LoadTimeoutError } from './errors.ts'
import type { CacheOptions } from './options.ts'
import { definePolicy } from './policy.ts'
import type { ReadTrace } from './read-options.ts'
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
/** A promise, and what settles it. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
const failing = async (): Promise<never> => {
  throw new Error('as planned')
}

describe('getOrSet', () => {
  it('answers a hit without a promise, until its TTL is over', async () => {
    const { cache, clock } = setup()
    const { load } = counter()
    expect(await cache.getOrSet('k', load, { ttlMs: 100 })).toBe(1)
    await clock.advance(99)
    expect(cache.getOrSet('k', load, { ttlMs: 100 })).toBe(1)
    await clock.advance(1)
    expect(await cache.getOrSet('k', load, { ttlMs: 100 })).toBe(2)
  })

  it('does not keep what has a TTL of 0, as the value may say', async () => {
    const { cache } = setup()
    const { load } = counter()
    const options = { ttlMs: (value: number) => (value < 3 ? 0 : 100) }
    for (const expected of [1, 2, 3, 3]) expect(await cache.getOrSet('k', load, options)).toBe(expected)
  })

  it('runs one loader for 10,000 concurrent misses', async () => {
    const { cache } = setup()
    const { promise, resolve } = deferred<string>()
    const { load, loads } = counter()
    const reads = Array.from({ length: 10_000 }, () => cache.getOrSet('k', () => promise.then(() => load())))
    resolve('go')
    expect(new Set(await Promise.all(reads))).toEqual(new Set([1]))
    expect(loads()).toBe(1)
    expect(cache.stats()).toMatchObject({ loads: 1, misses: 10_000, stores: 1, inFlight: 0 })
  })

  it('fails everyone who waits once, and keeps nothing', async () => {
    const { cache } = setup()
    const { load } = counter()
    const failed = await Promise.allSettled([cache.getOrSet('k', failing), cache.getOrSet('k', failing)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(cache.stats()).toMatchObject({ loads: 1, loadFailures: 1, entries: 0 })
    expect(await cache.getOrSet('k', load)).toBe(1)
  })

  it('turns what a loader throws at once into a rejection', async () => {
    const { cache } = setup()
    const load = (): number => {
      throw new Error('as planned')
    }
    await expect(cache.getOrSet('k', load)).rejects.toThrow('as planned')
  })

  it('lets one caller go without ending the load of the others', async () => {
    const { cache } = setup()
    const { promise, resolve } = deferred<number>()
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

  it('ends the load when all its callers have gone, and counts no failure', async () => {
    const { cache, clock } = setup()
    const controller = new AbortController()
    let signal: AbortSignal | undefined
    const load = (context: { signal: AbortSignal }): Promise<number> => {
      signal = context.signal
      return deferred<number>().promise
    }
    const reads = [1, 2].map(() => cache.getOrSet('k', load, { signal: controller.signal }))
    await clock.settle()
    controller.abort(new Error('gone'))
    for (const read of reads) await expect(read).rejects.toThrow('gone')
    expect(signal?.aborted).toBe(true)
    expect(cache.stats()).toMatchObject({ inFlight: 0, loadFailures: 0 })
    await expect(cache.getOrSet('k', load, { signal: controller.signal })).rejects.toThrow('gone')
  })

  it('gives a hung loader a deadline, and drops what it brings later', async () => {
    const { cache, clock } = setup({ loadTimeoutMs: 50 })
    const { promise, resolve } = deferred<number>()
    const hung = Promise.resolve(cache.getOrSet('k', () => promise))
    const outcome = expect(hung).rejects.toThrow(LoadTimeoutError)
    await clock.advance(50)
    await outcome
    resolve(1)
    await clock.settle()
    expect(cache.stats()).toMatchObject({ entries: 0, inFlight: 0, loadFailures: 1 })
    expect(await cache.getOrSet('k', () => 2)).toBe(2)
  })

  it('keeps undefined and null only where that is asked for', async () => {
    const { cache, clock } = setup()
    let loads = 0
    const load = (): undefined => void ++loads
    await cache.getOrSet('k', load)
    await cache.getOrSet('k', load, { negativeTtlMs: 10 })
    expect(cache.getOrSet('k', load)).toBeUndefined()
    expect(loads).toBe(2)
    await clock.advance(10)
    await cache.getOrSet('k', load)
    expect(loads).toBe(3)
  })

  it('shortens a TTL at random by its share of jitter', async () => {
    const { cache, clock } = setup({ jitter: 0.5, random: () => 0.4 })
    const { load } = counter()
    await cache.getOrSet('k', load, { ttlMs: 100 })
    await clock.advance(79)
    expect(cache.getOrSet('k', load)).toBe(1)
    await clock.advance(1)
    expect(await cache.getOrSet('k', load)).toBe(2)
  })

  it('takes defaults from the cache', async () => {
    const { cache, clock } = setup({ ttlMs: 10, staleMs: 10, staleIfErrorMs: 20, negativeTtlMs: 5 })
    const { load } = counter()
    await cache.getOrSet('k', load)
    await cache.getOrSet('absent', () => null)
    await clock.advance(4)
    expect(cache.getOrSet('absent', load)).toBeNull()
    await clock.advance(6)
    const trace: ReadTrace = {}
    expect(cache.getOrSet('absent', load, { trace })).toBeNull()
    expect(trace.cause).toBe('refreshing')
    expect(cache.getOrSet('k', failing)).toBe(1)
    await clock.advance(15)
    expect(await cache.getOrSet('k', failing)).toBe(1)
  })
})

describe('stale values', () => {
  it('are served while one refresh runs, for their stale time only', async () => {
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

  it('are not refreshed again for a second after a refresh failed', async () => {
    const { cache, clock } = setup()
    const options = { ttlMs: 10, staleMs: 5_000 }
    await cache.getOrSet('k', () => 1, options)
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
  })

  it('are served where the load fails, for their grace only', async () => {
    const { cache, clock } = setup()
    const options = { ttlMs: 10, staleIfErrorMs: 2_000 }
    await cache.getOrSet('k', () => 1, options)
    await clock.advance(10)
    const failures: boolean[] = []
    cache.events.on('loadFailure', ({ hasStale }) => failures.push(hasStale))
    const trace: ReadTrace = {}
    expect(await cache.getOrSet('k', failing, { ...options, trace })).toBe(1)
    expect(trace).toMatchObject({ status: 'stale', cause: 'error', ageMs: 10 })
    expect(failures).toEqual([true])
    await clock.advance(2_000)
    await expect(cache.getOrSet('k', failing, options)).rejects.toThrow('as planned')
  })

  it('are served where the load hangs', async () => {
    const { cache, clock } = setup({ loadTimeoutMs: 50 })
    const options = { ttlMs: 10, staleIfErrorMs: 1_000 }
    await cache.getOrSet('k', () => 1, options)
    await clock.advance(10)
    const read = cache.getOrSet('k', () => deferred<number>().promise, options)
    await clock.advance(50)
    expect(await read).toBe(1)
  })

  it('are never served after an invalidation, whatever fails', async () => {
    const { cache } = setup()
    const options = { ttlMs: 10, staleMs: 1_000, staleIfErrorMs: 1_000, tags: ['t'] }
    await cache.getOrSet('k', () => 1, options)
    await cache.invalidateTags(['t'])
    await expect(cache.getOrSet('k', failing, options)).rejects.toThrow('as planned')
  })

  it('come about by expireTags: served once more while a refresh runs, or a miss without stale time', async () => {
    const { cache, clock } = setup()
    const { load } = counter()
    const options = { ttlMs: 1_000, staleMs: 50, tags: ['t'] }
    await cache.getOrSet('k', load, options)
    await cache.getOrSet('plain', () => 'old', { tags: ['t'] })
    expect(await cache.expireTags(['t'])).toBe('everywhere')
    expect(cache.getOrSet('k', load, options)).toBe(1)
    await clock.settle()
    expect(cache.getOrSet('k', load, options)).toBe(2)
    expect(await cache.getOrSet('plain', () => 'new', { tags: ['t'] })).toBe('new')
    await cache.expireTags(['t'])
    await clock.advance(50)
    expect(await cache.getOrSet('k', load, options)).toBe(3)
  })
})

describe('invalidation', () => {
  it.each([
    ['tags known before', ['t']],
    ['tags known from the result', (): string[] => ['t']],
  ])('keeps a load that began before it out of the cache: %s', async (_, tags) => {
    const { cache } = setup()
    const { promise, resolve } = deferred<string>()
    const refused: string[] = []
    cache.events.on('refused', ({ key }) => refused.push(key))
    const before = cache.getOrSet('k', () => promise, { tags })
    await cache.invalidateTags(['t'])
    const after = cache.getOrSet('k', () => 'new', { tags })
    resolve('old')
    expect(await before).toBe('old')
    expect(await after).toBe('new')
    expect(cache.get('k')).toBe('new')
    expect(refused).toEqual(['k'])
    expect(cache.stats().refused).toBe(1)
  })

  it('does not disturb loads and entries of other tags', async () => {
    const { cache } = setup()
    const { promise, resolve } = deferred<string>()
    const read = cache.getOrSet('k', () => promise, { tags: ['t'] })
    await cache.invalidateTags(['other'])
    resolve('value')
    await read
    expect(cache.get('k')).toBe('value')
  })

  it('is not fooled by a caller that changes its array of tags', async () => {
    const { cache } = setup()
    const tags = ['t']
    await cache.set('k', 1, { tags })
    tags[0] = 'other'
    await cache.invalidateTags(['t'])
    expect(cache.get('k')).toBeUndefined()
  })

  it('of a key: delete and set drop what is being loaded', async () => {
    const { cache } = setup()
    const { promise, resolve } = deferred<string>()
    const first = cache.getOrSet('k', () => promise)
    void cache.set('k', 'set')
    expect(cache.get('k')).toBe('set')
    resolve('loaded')
    expect(await first).toBe('loaded')
    expect(cache.get('k')).toBe('set')
    expect(await cache.delete('k')).toBe('everywhere')
    expect(cache.get('k')).toBeUndefined()
  })

  it('refuses a value set as of a snapshot from before it', async () => {
    const { cache } = setup()
    const asOf = cache.snapshot()
    await cache.set('other', 1, { tags: ['other'], asOf })
    await cache.invalidateTags(['t'])
    await cache.set('k', 'old', { tags: ['t'], asOf })
    expect(cache.get('k')).toBeUndefined()
    expect(cache.get('other')).toBe(1)
  })

  it('clear forgets all, says how much, and keeps running loads out', async () => {
    const { cache } = setup()
    const { promise, resolve } = deferred<number>()
    await cache.set('a', 1)
    await cache.set('b', 1)
    const read = cache.getOrSet('c', () => promise)
    expect(await cache.clear()).toBe(2)
    resolve(1)
    await read
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined])
  })

  it('remembers a bounded number of tags, and forgets entries rather than invalidations', async () => {
    const { cache } = setup({ maxMarks: 10 })
    await cache.set('k', 1, { tags: ['t'] })
    for (let i = 0; i < 100; i += 1) await cache.invalidateTags([`tag ${i}`])
    expect(cache.stats().marks).toBeLessThanOrEqual(11)
    expect(cache.get('k')).toBeUndefined()
    await cache.set('k', 2, { tags: ['t'] })
    expect(cache.get('k')).toBe(2)
  })
})

describe('memory', () => {
  it('holds the most recently used entries', async () => {
    const { cache } = setup({ maxEntries: 2 })
    const evicted: string[] = []
    cache.events.on('evict', ({ key, cause }) => evicted.push(`${key} ${cause}`))
    await cache.set('a', 1)
    await cache.set('b', 1)
    cache.get('a')
    await cache.set('c', 1)
    expect(evicted).toEqual(['b entries'])
    expect(cache.stats()).toMatchObject({ entries: 2, evictions: { entries: 1 } })
  })

  it('is bounded by bytes, as told or as estimated', async () => {
    const { cache } = setup({ maxBytes: 10_000 })
    for (const key of ['a', 'b', 'c']) await cache.set(key, Buffer.alloc(4_000))
    expect(cache.stats()).toMatchObject({ entries: 2, evictions: { bytes: 1 } })
    expect(cache.stats().bytes).toBeGreaterThan(8_000)
    await cache.set('large', Buffer.alloc(10_000))
    expect(cache.stats()).toMatchObject({ entries: 2, evictions: { oversize: 1 } })
    const told = setup({ maxBytes: 10_000, sizeOf: () => 9_900 }).cache
    await told.set('k', 1)
    expect(told.stats()).toMatchObject({ entries: 0, evictions: { oversize: 1 } })
  })

  it('gives back what has expired or was invalidated: when asked, and by itself', async () => {
    const { cache, clock } = setup({ sweepMs: 1_000 })
    const fill = async (): Promise<void> => {
      await cache.set('expired', 1, { ttlMs: 10 })
      await cache.set('invalid', 1, { tags: ['t'] })
      await cache.set('stale', 1, { ttlMs: 10, staleMs: 5_000 })
      await cache.set('fresh', 1)
      await cache.invalidateTags(['t'])
    }
    await fill()
    await clock.advance(10)
    expect(cache.census()).toEqual({ active: 1, expired: 3 })
    expect(cache.purgeExpired()).toBe(2)
    await fill()
    await clock.advance(1_000)
    expect(cache.stats()).toMatchObject({ entries: 2, evictions: { expired: 2, invalidated: 4 } })
    await cache.close()
    expect(cache.stats().entries).toBe(0)
  })
})

describe('what it tells', () => {
  it('counts by namespace', async () => {
    const { cache } = setup()
    await cache.getOrSet('a', () => 1, { namespace: 'cards' })
    cache.getOrSet('a', () => 1)
    cache.get('b', { namespace: 'users' })
    await cache.set('c', 1, { namespace: 'users' })
    const { namespaces, hitRate, maxEntries } = cache.stats()
    expect(namespaces.cards).toMatchObject({ hits: 1, misses: 1, stores: 1, loads: 1, entries: 1 })
    expect(namespaces.users).toMatchObject({ hits: 0, misses: 1, stores: 1, entries: 1 })
    expect(hitRate).toBeCloseTo(1 / 3)
    expect(maxEntries).toBe(1000)
  })

  it('counts an entry that is replaced, evicted or deleted once', async () => {
    const { cache } = setup({ maxEntries: 3 })
    for (let i = 0; i < 20; i += 1) {
      await cache.set(`k${i % 5}`, 'x'.repeat(i))
      if (i % 7 === 0) await cache.delete(`k${i % 5}`)
    }
    const { entries, bytes, namespaces } = cache.stats()
    expect(namespaces.default).toMatchObject({ entries, bytes })
    await cache.clear()
    expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })

  it('traces each read', async () => {
    const { cache, clock } = setup()
    const traced = async (key: string): Promise<ReadTrace> => {
      const trace: ReadTrace = {}
      await cache.getOrSet(key, () => 1, { ttlMs: 10, tags: ['t'], trace })
      return trace
    }
    expect(await traced('k')).toEqual({ status: 'miss', cause: 'absent', ageMs: 0, tags: ['t'] })
    await clock.advance(5)
    expect(await traced('k')).toEqual({ status: 'hit', cause: 'fresh', ageMs: 5, tags: ['t'] })
    await clock.advance(5)
    expect(await traced('k')).toMatchObject({ status: 'miss', cause: 'expired' })
    await cache.invalidateTags(['t'])
    expect(await traced('k')).toMatchObject({ status: 'miss', cause: 'invalidated' })
    const trace: ReadTrace = {}
    cache.get('k', { trace })
    cache.get('none')
    expect(trace).toMatchObject({ status: 'hit', cause: 'fresh' })
  })

  it('tells of invalidations, and survives listeners that throw', async () => {
    const { cache } = setup()
    const told: unknown[] = []
    cache.events.on('invalidate', (event) => told.push(event))
    await cache.invalidateTags(['a'])
    await cache.expireTags(['b'])
    expect(told).toEqual([
      { tags: ['a'], soft: false, reach: 'everywhere' },
      { tags: ['b'], soft: true, reach: 'everywhere' },
    ])
    const warnings: unknown[] = []
    process.once('warning', (warning) => warnings.push(warning.name))
    cache.events.on('invalidate', () => {
      throw new Error('as planned')
    })
    expect(await cache.invalidateTags(['a'])).toBe('everywhere')
    await expect.poll(() => warnings).toEqual(['CacheListenerWarning'])
  })

  it('goes on loading after close, and keeps nothing', async () => {
    const { cache } = setup()
    await cache.close()
    const { load } = counter()
    expect(await cache.getOrSet('k', load)).toBe(1)
    expect(await cache.getOrSet('k', load)).toBe(2)
  })

  it('peeks: counts what memory has fresh, and nothing else', async () => {
    const { cache, clock } = setup()
    await cache.set('k', 1, { ttlMs: 10, staleMs: 10 })
    const trace: ReadTrace = {}
    expect(cache.peek('k', trace)).toBe(1)
    expect(trace).toMatchObject({ status: 'hit', cause: 'fresh', ageMs: 0 })
    await clock.advance(10)
    expect([cache.peek('k'), cache.peek('none')]).toEqual([undefined, undefined])
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 0, staleHits: 0 })
  })

  it('names every option that cannot work', () => {
    expect(() => createCache({ maxEntries: 0, ttlMs: -1 })).toThrow('Cannot work: ttlMs = -1, maxEntries = 0')
    expect(() => createCache({ jitter: 2 })).toThrow('jitter = 2')
    expect(() => createCache({ sharing: { leaseMs: 0 } })).toThrow('leaseMs = 0')
  })
})

describe('policies', () => {
  it('put a name in front of the key, and tags from the input and from the value', async () => {
    const { cache, clock } = setup()
    const cardById = definePolicy<{ id: number }, { owner: string }>({
      name: 'card',
      key: ({ id }) => `${id}`,
      ttlMs: 100,
      tags: ({ id }) => [`card:${id}`],
      tagsOf: ({ owner }) => [`user:${owner}`],
    })
    let loads = 0
    const fetch = (trace: ReadTrace = {}) =>
      cache.fetch(cardById, { id: 1 }, () => ({ owner: `ann`, loads: ++loads }), { trace })
    expect(await fetch()).toMatchObject({ loads: 1 })
    const trace: ReadTrace = {}
    expect(fetch(trace)).toMatchObject({ loads: 1 })
    expect(trace.tags).toEqual(['card:1', 'user:ann'])
    for (const tag of ['card:1', 'user:ann']) {
      await cache.invalidateTags([tag])
      await fetch()
    }
    expect(loads).toBe(3)
    await clock.advance(100)
    await fetch()
    expect(loads).toBe(4)
    expect(cache.stats().namespaces.card).toMatchObject({ hits: 1, misses: 4 })
    expect(cache.get('card:1')).toBeDefined()
  })
})

describe('what must not disturb a read', () => {
  it('long tags: they count', async () => {
    const { cache } = setup({ maxBytes: 2_000 })
    await cache.set('k', 1, { tags: ['x'.repeat(2_000)] })
    expect(cache.stats().entries).toBe(0)
  })

  it('a value that cannot be measured: it is answered, and not kept', async () => {
    const { cache } = setup()
    const evicted: string[] = []
    cache.events.on('evict', ({ cause }) => evicted.push(cause))
    let deep: unknown
    for (let depth = 0; depth < 20_000; depth += 1) deep = { deep }
    expect(await cache.getOrSet('k', () => deep)).toBe(deep)
    expect(await cache.set('k', deep)).toBe('everywhere')
    expect(evicted).toEqual(['oversize', 'oversize'])
    expect(cache.stats().entries).toBe(0)
  })

  it('a TTL without end, which is a year, or that is no number, which is none', async () => {
    const { cache, clock } = setup()
    await cache.set('k', 1, { ttlMs: Number.POSITIVE_INFINITY })
    await cache.set('none', 1, { ttlMs: Number.NaN })
    expect(cache.get('none')).toBeUndefined()
    clock.stall(364 * 24 * 3_600_000)
    expect(cache.get('k')).toBe(1)
    clock.stall(2 * 24 * 3_600_000)
    expect(cache.get('k')).toBeUndefined()
  })

  it('a caller that had left before: its loader does not run', async () => {
    const { cache, clock } = setup()
    const { load, loads } = counter()
    const signal = AbortSignal.abort(new Error('gone'))
    await expect(cache.getOrSet('k', load, { signal })).rejects.toThrow('gone')
    await clock.settle()
    expect(loads()).toBe(0)
  })

  it('an old value, where its refresh brought nothing to keep', async () => {
    const { cache, clock } = setup()
    const options = { ttlMs: 10, staleMs: 10_000 }
    await cache.set<string | undefined>('k', 'old', options)
    await clock.advance(20)
    expect(cache.getOrSet<string | undefined>('k', () => undefined, options)).toBe('old')
    await clock.settle()
    expect(await cache.getOrSet<string | undefined>('k', () => undefined, options)).toBeUndefined()
  })

  it('a refresh that brought nothing: what was set meanwhile stays', async () => {
    const { cache, clock } = setup()
    const { promise, resolve } = deferred<undefined>()
    const options = { ttlMs: 10, staleMs: 10_000 }
    await cache.set<string | undefined>('k', 'old', options)
    await clock.advance(20)
    void cache.getOrSet<string | undefined>('k', () => promise, options)
    await cache.set('k', 'new', options)
    resolve(undefined)
    await clock.settle()
    expect(cache.get('k')).toBe('new')
  })
})
