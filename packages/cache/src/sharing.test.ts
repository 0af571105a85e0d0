import { describe, expect, it, vi } from 'vitest'
import type { Cache } from './cache.ts'
import { createCache } from './create-cache.ts'
import type { CacheOptions, SharingOptions } from './options.ts'
import type { ReadTrace } from './read-options.ts'
import type { SharedStore } from './stores/store.ts'
import { createFakeClock } from './testing/fake-clock.ts'
import { createFaultyStore } from './testing/faulty-store.ts'
import { createMemoryStore } from './testing/memory-store.ts'

const LEASE_MS = 1_000
const BUDGET_MS = 50

/** Two instances, each on a connection of its own that can fail, to one store. Its first lease is over. */
async function setup(sharing: SharingOptions = {}, options: CacheOptions = {}) {
  const clock = createFakeClock()
  const memory = createMemoryStore(clock)
  const [storeA, storeB] = [
    createFaultyStore(memory, clock.setTimer),
    createFaultyStore(memory, clock.setTimer),
  ] as const
  const make = (shared: SharedStore): Cache =>
    createCache({
      clock,
      shared,
      sweepMs: 0,
      sharing: { leaseMs: LEASE_MS, readBudgetMs: BUDGET_MS, offlineTtlMs: 100, ...sharing },
      ...options,
    })
  const [a, b] = [make(storeA), make(storeB)] as const
  await clock.advance(2 * LEASE_MS)
  expect([a, b].map((each) => each.stats().shared?.state)).toEqual(['online', 'online'])
  return { clock, memory, storeA, storeB, a, b, make }
}
/** How long a promise takes, by the fake clock. */
async function timed<T>(
  clock: ReturnType<typeof createFakeClock>,
  work: T | Promise<T>,
): Promise<{ value: T; tookMs: number }> {
  const startedAt = clock.now()
  let over = false
  const done = Promise.resolve(work).then((value) => {
    over = true
    return { value, tookMs: clock.now() - startedAt }
  })
  await clock.settle()
  for (let turn = 0; !over && turn < 10_000; turn += 1) await clock.advance(1)
  return done
}
const tagged = { tags: ['t'], ttlMs: 60_000 }

describe('values that instances share', () => {
  it('come from the store where another instance has loaded them, with the time that is left', async () => {
    const { a, b, clock } = await setup()
    const value = {
      text: 'ü',
      bytes: Buffer.from([0, 255]),
      when: new Date(5),
      big: 2n ** 70n,
      map: new Map([[1, undefined]]),
    }
    await a.getOrSet('k', () => value, { tags: ['t'], ttlMs: 1_000 })
    await clock.advance(400)
    const trace: ReadTrace = {}
    expect(await b.getOrSet('k', () => 'loaded', { trace })).toEqual(value)
    expect(trace).toEqual({ status: 'hit', cause: 'shared', ageMs: 400, tags: ['t'] })
    expect(b.getOrSet('k', () => 'loaded')).toEqual(value)
    await clock.advance(600)
    expect(await b.getOrSet('k', () => 'loaded')).toBe('loaded')
    await clock.settle()
    expect(b.stats()).toMatchObject({ hits: 2, loads: 1, shared: { hits: 1, stores: 1 } })
  })

  it('come as bytes where they are bytes', async () => {
    const { a, b } = await setup()
    await a.set('k', Buffer.from([0, 128, 255]))
    expect(await b.get('k')).toEqual(Buffer.from([0, 128, 255]))
  })

  it('are set, found, deleted and cleared for all', async () => {
    const { a, b } = await setup()
    await b.set('k', 'old')
    expect(await a.get('k')).toBe('old')
    expect(await a.set('k', 'new')).toBe('everywhere')
    expect(await b.get('k')).toBe('new')
    await a.delete('k')
    expect(await b.get('k')).toBeUndefined()
    await a.set('k', 'again')
    expect(await b.get('k')).toBe('again')
    await a.clear()
    expect(await b.get('k')).toBeUndefined()
  })

  it('stay in memory where they cannot be sent', async () => {
    const { a, b } = await setup()
    const failures: string[] = []
    a.events.on('sharedFailure', ({ operation }) => failures.push(operation))
    const value = (): void => undefined
    await a.getOrSet('k', () => value)
    expect(a.getOrSet('k', () => 'else')).toBe(value)
    await a.set('set', value)
    expect(a.get('set')).toBe(value)
    expect(await b.get('k')).toBeUndefined()
    expect(failures).toEqual(['encode', 'encode'])
  })

  it('are refused where they were read before an invalidation elsewhere', async () => {
    const { a, b } = await setup()
    const asOf = a.snapshot()
    await b.invalidateTags(['t'])
    await a.set('k', 'old', { ...tagged, asOf })
    expect(await a.get('k')).toBeUndefined()
    expect(await b.get('k')).toBeUndefined()
  })

  it('outlive an instance that leaves in good order', async () => {
    const { a, b, make, memory, clock } = await setup()
    await a.set('k', 'kept')
    await a.close()
    await b.close()
    expect(memory.members.size).toBe(0)
    await clock.advance(5 * LEASE_MS)
    const next = make(memory)
    await clock.settle()
    expect(await next.get('k')).toBe('kept')
  })
})

describe('one load for all instances', () => {
  it('runs for 10,000 misses on two of them', async () => {
    const { a, b, clock } = await setup()
    let loads = 0
    const load = async (): Promise<number> => {
      await new Promise<void>((resolve) => void clock.setTimer(resolve, 300))
      return ++loads
    }
    const reads = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? a : b).getOrSet('k', load))
    const { value } = await timed(clock, Promise.all(reads))
    expect(new Set(value)).toEqual(new Set([1]))
    expect((a.stats().shared?.followed ?? 0) + (b.stats().shared?.followed ?? 0)).toBe(1)
  })

  it('runs on another instance as soon as the first one fails', async () => {
    const { a, b, clock } = await setup()
    const failing = Promise.resolve(
      a.getOrSet('k', async () => {
        await new Promise<void>((resolve) => void clock.setTimer(resolve, 100))
        throw new Error('as planned')
      }),
    )
    const failed = expect(failing).rejects.toThrow('as planned')
    await clock.advance(10)
    const { value, tookMs } = await timed(
      clock,
      b.getOrSet('k', () => 'b'),
    )
    await failed
    expect(value).toBe('b')
    expect(tookMs).toBeLessThan(250)
  })

  it('is not held up by an instance whose question the store has answered too late', async () => {
    const { a, b, clock, storeA } = await setup({ lockMs: 10_000 })
    storeA.slow(BUDGET_MS + 1, 0)
    await timed(
      clock,
      a.getOrSet('k', () => 'a', { ttlMs: 0 }),
    )
    await clock.advance(2 * BUDGET_MS + 2)
    expect(
      await timed(
        clock,
        b.getOrSet('k', () => 'b'),
      ),
    ).toMatchObject({ value: 'b', tookMs: 0 })
  })

  it('runs on another instance when the first one takes too long', async () => {
    const { a, b, clock } = await setup({ lockMs: 200 })
    void a.getOrSet('k', () => new Promise(() => undefined))
    await clock.advance(10)
    expect(
      (
        await timed(
          clock,
          b.getOrSet('k', () => 'b'),
        )
      ).tookMs,
    ).toBeLessThan(320)
  })
})

describe('an invalidation', () => {
  it('has reached the memory of every instance when its promise is kept', async () => {
    const { a, b, clock, storeB } = await setup()
    await b.getOrSet('k', () => 'old', tagged)
    storeB.slow(0, 80)
    const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
    expect(value).toBe('everywhere')
    expect(tookMs).toBeGreaterThanOrEqual(80)
    expect(tookMs).toBeLessThan(LEASE_MS)
    expect(
      await timed(
        clock,
        b.getOrSet('k', () => 'new', tagged),
      ),
    ).toMatchObject({ value: 'new' })
  })

  it('waits for a silent instance until its lease is over; that instance serves nothing old from then on', async () => {
    const { a, b, clock, storeB, memory } = await setup({ offlineTtlMs: 0 })
    await b.getOrSet('k', () => 'old', tagged)
    storeB.hang()
    const first = await timed(clock, a.invalidateTags(['t']))
    expect(first.value).toBe('everywhere')
    expect(first.tookMs).toBeGreaterThanOrEqual(LEASE_MS)
    expect(
      await timed(
        clock,
        b.getOrSet('k', () => 'new', tagged),
      ),
    ).toMatchObject({ value: 'new', tookMs: 0 })
    await clock.settle()
    expect(memory.members.size).toBe(1)
    expect((await timed(clock, a.invalidateTags(['t']))).tookMs).toBeLessThan(5)
  })

  it('does not wait for an instance that is leaving', async () => {
    const { a, b, clock, storeB } = await setup()
    storeB.slow(20, 0)
    const closing = timed(clock, b.close())
    const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
    expect(value).toBe('everywhere')
    expect(tookMs).toBeLessThan(50)
    await closing
  })

  it('gives unknown instances a whole lease where the store has lost its memory', async () => {
    const { a, b, clock, memory, storeB } = await setup()
    await b.getOrSet('k', () => 'old', tagged)
    storeB.hang()
    memory.flush()
    await a.invalidateTags(['x'])
    await clock.settle()
    expect(a.stats().shared).toMatchObject({ state: 'online', pending: 0 })
    const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
    expect(value).toBe('everywhere')
    expect(tookMs).toBeGreaterThanOrEqual(LEASE_MS)
    expect(
      await timed(
        clock,
        b.getOrSet('k', () => 'new', tagged),
      ),
    ).toMatchObject({ value: 'new' })
  })

  it('also hits what this instance has read from the store while it was on its way there', async () => {
    const { a, clock, memory, make } = await setup()
    await a.getOrSet('k', () => 'old', tagged)
    // A store that does what it is asked, invalidations 10 ms later than reads.
    const late: SharedStore = {
      name: 'late',
      async open(handlers, signal) {
        const session = await memory.open(handlers, signal)
        return {
          ...session,
          async invalidate(request) {
            await new Promise<void>((resolve) => void clock.setTimer(resolve, 10))
            return session.invalidate(request)
          },
        }
      },
    }
    const c = make(late)
    await clock.settle()
    const telling = timed(clock, c.invalidateTags(['t']))
    expect(await c.get('k')).toBe('old')
    await telling
    expect(await c.get('k')).toBeUndefined()
  })

  it('by expireTags lets other instances serve their own copies once more, and none from the store', async () => {
    const { a, b, clock } = await setup()
    const options = { ...tagged, staleMs: 1_000 }
    await a.getOrSet('k', () => 'old', options)
    await b.getOrSet('k', () => 'else', options)
    await a.expireTags(['t'])
    const trace: ReadTrace = {}
    expect(b.getOrSet('k', () => 'new', { ...options, trace })).toBe('old')
    expect(trace.cause).toBe('refreshing')
    await clock.settle()
    expect(b.getOrSet('k', () => 'newer', options)).toBe('new')
  })
})

describe('without the store', () => {
  it('reads work at once, from the first moment on', async () => {
    const clock = createFakeClock()
    const store = createFaultyStore(createMemoryStore(clock), clock.setTimer)
    store.down()
    const cache = createCache({ clock, shared: store, sweepMs: 0 })
    expect(
      await timed(
        clock,
        cache.getOrSet('k', () => 1),
      ),
    ).toEqual({ value: 1, tookMs: 0 })
    expect(cache.stats().shared).toMatchObject({ state: 'offline' })
    store.heal()
    await clock.advance(2_000)
    expect(cache.stats().shared).toMatchObject({ state: 'online', breaker: 'closed' })
    await cache.close()
  })

  it('memory keeps what was loaded since, for a moment only, and forgets it on return', async () => {
    const { a, clock, storeA } = await setup()
    await a.getOrSet('before', () => 1)
    storeA.down()
    let loads = 0
    const load = (): number => ++loads
    await a.getOrSet('before', load)
    await a.getOrSet('k', load, { staleMs: 10_000, staleIfErrorMs: 10_000 })
    await clock.advance(99)
    expect(a.getOrSet('k', load)).toBe(2)
    await clock.advance(1)
    expect(await a.getOrSet('k', load)).toBe(3)
    storeA.heal()
    await clock.advance(1_000)
    expect(a.stats().shared?.state).toBe('online')
    expect(await a.getOrSet('k', load)).toBe(4)
  })

  it('a read waits no longer than its budget, and soon not at all: the breaker opens, and closes again', async () => {
    const { a, clock, storeA } = await setup({ leaseMs: 100_000, breakerFailures: 3, breakerCooldownMs: 500 })
    const states: string[] = []
    a.events.on('breaker', ({ state }) => states.push(state))
    storeA.slow(10_000, 0)
    const waits: number[] = []
    for (let i = 0; i < 5; i += 1)
      waits.push(
        (
          await timed(
            clock,
            a.getOrSet(`k${i}`, () => i),
          )
        ).tookMs,
      )
    expect(waits.slice(0, 2)).toEqual([BUDGET_MS, BUDGET_MS])
    expect(waits.slice(2)).toEqual([0, 0, 0])
    expect(a.stats().shared).toMatchObject({ breaker: 'open', state: 'online' })
    storeA.heal()
    await clock.advance(500)
    await timed(
      clock,
      a.getOrSet('again', () => 1),
    )
    expect(states).toEqual(['open', 'half-open', 'closed'])
    const { timeouts = 0, skipped = 0 } = a.stats().shared ?? {}
    expect([timeouts > 0, skipped > 0]).toEqual([true, true])
  })

  it('an invalidation says that it is local, and is told before this instance uses the store again', async () => {
    const { a, b, clock, storeA } = await setup()
    await a.getOrSet('k', () => 'old', tagged)
    expect(await b.get('k')).toBe('old')
    storeA.down()
    expect(await a.invalidateTags(['t'])).toBe('local')
    expect(await a.expireTags(['soft'])).toBe('local')
    expect(await a.delete('key')).toBe('local')
    expect(a.stats().shared).toMatchObject({ pending: 3, state: 'offline' })
    storeA.heal()
    await clock.advance(1_000)
    expect(a.stats().shared).toMatchObject({ pending: 0, state: 'online' })
    expect(await a.get('k')).toBeUndefined()
    expect(await b.get('k')).toBeUndefined()
  })

  it('an invalidation that the store never confirmed is told again', async () => {
    const { a, b, clock, storeA } = await setup()
    await b.getOrSet('k', () => 'old', tagged)
    storeA.hang()
    const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
    expect(value).toBe('local')
    expect(tookMs).toBeLessThanOrEqual(LEASE_MS)
    storeA.heal()
    await clock.advance(3_000)
    expect(await b.get('k')).toBeUndefined()
  })

  it('more invalidations than can be remembered become one of everything', async () => {
    const { a, b, clock, storeA } = await setup()
    await b.getOrSet('k', () => 'old', { tags: ['unconcerned'] })
    storeA.down()
    for (let i = 0; i < 11; i += 1) await a.invalidateTags(Array.from({ length: 1_000 }, (_, j) => `${i} ${j}`))
    expect(a.stats().shared?.pending).toBeLessThan(1_001)
    storeA.heal()
    await clock.advance(1_000)
    expect(await b.get('k')).toBeUndefined()
  })

  it('what was invalidated while nobody could reach it is served by nobody afterwards', async () => {
    const { a, b, clock, storeA, storeB } = await setup()
    await a.getOrSet('k', () => 'old', tagged)
    storeA.down()
    storeB.down()
    await a.invalidateTags(['t'])
    await clock.advance(2 * LEASE_MS)
    storeB.heal()
    await clock.advance(LEASE_MS)
    expect(b.stats().shared?.state).toBe('online')
    expect(await b.get('k')).toBeUndefined()
  })
})

describe('close', () => {
  it('leaves no session and no timer behind', async () => {
    const clock = createFakeClock()
    const memory = createMemoryStore(clock)
    const closed = vi.fn()
    const setTimer = vi.fn(clock.setTimer)
    const shared: SharedStore = {
      name: 'watched',
      open: async (handlers, signal) => ({ ...(await memory.open(handlers, signal)), close: closed }),
    }
    const cache = createCache({ clock: { ...clock, setTimer }, shared, sweepMs: 100 })
    await clock.advance(10_000)
    await cache.close()
    expect(closed).toHaveBeenCalledTimes(1)
    setTimer.mockClear()
    await clock.advance(10_000)
    expect(setTimer).not.toHaveBeenCalled()
  })
})

describe('what a caller or a bad moment does', () => {
  it('to the tags it invalidates, while the store does not answer, changes nothing', async () => {
    const { a, b, storeA, clock } = await setup()
    await b.getOrSet('k', () => 'old', tagged)
    storeA.hang()
    const tags = ['t']
    const invalidated = a.invalidateTags(tags)
    tags.length = 0
    await clock.advance(LEASE_MS)
    expect(await invalidated).toBe('local')
    storeA.heal()
    await clock.advance(3 * LEASE_MS)
    expect(await b.get('k')).toBeUndefined()
  })

  it('does not make every later invalidation wait for the whole lease', async () => {
    const clock = createFakeClock()
    const store = createFaultyStore(createMemoryStore(clock), clock.setTimer)
    const cache = createCache({
      clock,
      shared: store,
      sweepMs: 0,
      sharing: { leaseMs: LEASE_MS, readBudgetMs: BUDGET_MS },
    })
    await clock.advance(LEASE_MS)
    store.slow(BUDGET_MS + 10, 0)
    await clock.advance(200)
    store.heal()
    await clock.advance(3 * LEASE_MS)
    expect(store.calls.get('settle')).toBe(2)
    expect((await timed(clock, cache.invalidateTags(['t']))).tookMs).toBe(0)
  })
})

describe('memory is not trusted', () => {
  it('for longer than a lease from when a renewal was sent, however late it was confirmed', async () => {
    const { a, clock, storeA } = await setup()
    await a.getOrSet('k', () => 'old', tagged)
    storeA.slow(400, 0)
    await clock.advance(2 * LEASE_MS)
    storeA.hang()
    expect(a.peek('k')).toBe('old')
    await clock.advance(LEASE_MS)
    expect(a.peek('k')).toBeUndefined()
  })

  it('for longer than a lease from when its instance asked to join', async () => {
    const { clock, memory, make } = await setup()
    const store = createFaultyStore(memory, clock.setTimer)
    store.slow(400, 0)
    const cache = make(store)
    await clock.advance(800)
    store.hang()
    void cache.getOrSet('k', () => 'old', tagged)
    await clock.advance(599)
    expect(cache.peek('k')).toBe('old')
    await clock.advance(1)
    expect(cache.peek('k')).toBeUndefined()
  })

  it('nor a load that is under way, after the lease of a stalled instance has run out', async () => {
    const [clock, clockB] = [createFakeClock(), createFakeClock()]
    const memory = createMemoryStore(clockB)
    const store = createFaultyStore(memory, clock.setTimer)
    const sharing = { leaseMs: LEASE_MS, readBudgetMs: BUDGET_MS, offlineTtlMs: 0 }
    const a = createCache({ clock, shared: store, sweepMs: 0, sharing })
    const b = createCache({ clock: clockB, shared: memory, sweepMs: 0, sharing })
    for (let turn = 0; turn < 30; turn += 1) await Promise.all([clock.advance(100), clockB.advance(100)])
    let finish = (): void => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    let row = 'old'
    const load = async (): Promise<string> => {
      const value = row
      await finished
      return value
    }
    const first = a.getOrSet('k', load, tagged)
    await clock.settle()
    store.hang()
    row = 'new'
    const invalidated = b.invalidateTags(['t'])
    clock.stall(LEASE_MS + 100)
    await clockB.advance(LEASE_MS + 100)
    expect(await invalidated).toBe('everywhere')
    const second = a.getOrSet('k', load, tagged)
    finish()
    expect(await Promise.all([first, second])).toEqual(['old', 'new'])
  })

  it('after a message was lost', async () => {
    const { a, b, clock, storeB } = await setup()
    await b.getOrSet('k', () => 'old', tagged)
    storeB.loseMessages(1)
    expect((await timed(clock, a.invalidateTags(['t']))).value).toBe('everywhere')
    expect(
      await timed(
        clock,
        b.getOrSet('k', () => 'new', tagged),
      ),
    ).toMatchObject({ value: 'new' })
    expect(b.stats().shared?.lapses).toBeGreaterThan(0)
  })

  it('after a message was lost and a later one came, which would count for both', async () => {
    const { a, b, clock, storeB } = await setup({ offlineTtlMs: 0 })
    await b.getOrSet('k', () => 'old', tagged)
    storeB.loseMessages(1)
    await timed(clock, Promise.all([a.invalidateTags(['t']), a.invalidateTags(['other'])]))
    expect(
      await timed(
        clock,
        b.getOrSet('k', () => 'new', tagged),
      ),
    ).toMatchObject({ value: 'new' })
  })

  it('by a process that was suspended for longer than its lease', async () => {
    const { a, clock } = await setup()
    await a.getOrSet('k', () => 'old', tagged)
    expect(a.getOrSet('k', () => 'new', tagged)).toBe('old')
    clock.stall(LEASE_MS + 1)
    expect(await a.getOrSet('k', () => 'new', tagged)).toBe('new')
  })

  it.each(['flush', 'restart'] as const)('after a %s of the store', async (loss) => {
    const { a, b, clock, memory } = await setup({ offlineTtlMs: 0 })
    const states: string[] = []
    b.events.on('shared', ({ state }) => states.push(state))
    await b.getOrSet('k', () => 'old', tagged)
    memory[loss]()
    await clock.advance(LEASE_MS)
    expect(states).toEqual(['offline', 'online'])
    expect(await b.get('k')).toBeUndefined()
    expect(await a.getOrSet('k', () => 'new', tagged)).toBe('new')
  })
})
