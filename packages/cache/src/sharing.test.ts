import { expect, test, vi } from 'vitest'
import type { Cache } from './cache.ts'
import { createCache } from './create-cache.ts'
import type { SharingOptions } from './options.ts'
import type { ReadTrace } from './read-options.ts'
import type { SharedStore } from './stores/store.ts'
import { createFakeClock, type FakeClock } from './testing/fake-clock.ts'
import { createFaultyStore } from './testing/faulty-store.ts'
import { createMemoryChannel } from './testing/memory-channel.ts'
import { createMemoryStore } from './testing/memory-store.ts'

const leaseMs = 1_000
const budgetMs = 50

/** Two instances, each on a connection of its own that can fail, to one store. Its first lease is over. */
async function setup(sharing: SharingOptions = {}, withChannel = false) {
  const clock = createFakeClock()
  const memory = createMemoryStore(clock)
  const channels = withChannel ? createMemoryChannel(2) : []
  const make = (shared: SharedStore, at?: number, own: SharingOptions = {}): Cache => {
    const channel = at === undefined ? undefined : channels[at]
    const cache = createCache({
      clock,
      shared,
      sweepMs: 0,
      sharing: { leaseMs, readBudgetMs: budgetMs, ...sharing, ...own },
      ...(channel && { channel }),
    })
    channel?.bind(cache)
    return cache
  }
  const storeA = createFaultyStore(memory, clock.setTimer)
  const storeB = createFaultyStore(memory, clock.setTimer)
  const [a, b] = [make(storeA, 0), make(storeB, 1)] as const
  await clock.advance(2 * leaseMs)
  expect([a, b].map((each) => each.stats().shared?.state)).toEqual(['online', 'online'])
  return { clock, memory, storeA, storeB, a, b, make, channels }
}
/** How long a promise takes, by the fake clock. */
async function timed<T>(clock: FakeClock, work: T | Promise<T>): Promise<{ value: T; tookMs: number }> {
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
/** The cache's value, from memory or the store; `undefined` where there is none, and then none is kept either. */
const find = async (cache: Cache, key: string) => cache.getOrSet<unknown>(key, () => undefined, { ttlMs: 0 })
const never = (): Promise<never> => new Promise(() => undefined)

test('a value comes from the store where another instance has loaded it, with the time that is left', async () => {
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
  expect(await b.getOrSet<unknown>('k', () => 'loaded', { trace })).toEqual(value)
  expect(trace).toEqual({ status: 'hit', cause: 'shared', ageMs: 400, tags: ['t'] })
  expect(b.getOrSet<unknown>('k', () => 'loaded')).toEqual(value)
  await clock.advance(600)
  expect(await b.getOrSet('k', () => 'loaded')).toBe('loaded')
  await clock.settle()
  expect(b.stats()).toMatchObject({ hits: 2, loads: 1, shared: { hits: 1, stores: 1 } })
})

test('a value comes as bytes where it is bytes', async () => {
  const { a, b } = await setup()
  await a.getOrSet('k', () => Buffer.from([0, 128, 255]))
  expect(await find(b, 'k')).toEqual(Buffer.from([0, 128, 255]))
})

test('a value is invalidated and cleared for all', async () => {
  const { a, b } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  expect(await find(a, 'k')).toBe('old')
  expect(await a.invalidateTags(['t'])).toBe('everywhere')
  expect(await find(b, 'k')).toBeUndefined()
  await a.getOrSet('k', () => 'new', tagged)
  expect(await find(b, 'k')).toBe('new')
  await a.clear()
  expect(await find(b, 'k')).toBeUndefined()
})

test('a value stays in memory where it cannot be sent', async () => {
  const { a, b } = await setup()
  const failures: string[] = []
  a.events.on('sharedFailure', ({ operation }) => failures.push(operation))
  const value = (): void => undefined
  await a.getOrSet('k', () => value)
  expect(a.peek('k')).toBe(value)
  expect(await find(b, 'k')).toBeUndefined()
  expect(failures).toEqual(['encode'])
})

test('the store refuses a value that was read before an invalidation elsewhere', async () => {
  const { a, b, clock } = await setup()
  const { promise, resolve } = Promise.withResolvers<string>()
  const read = a.getOrSet('k', () => promise, tagged)
  await clock.settle()
  await b.invalidateTags(['t'])
  resolve('old')
  expect(await read).toBe('old')
  expect([await find(a, 'k'), await find(b, 'k')]).toEqual([undefined, undefined])
})

test('values outlive an instance that leaves in good order', async () => {
  const { a, b, make, memory, clock } = await setup()
  await a.getOrSet('k', () => 'kept')
  await a.close()
  await b.close()
  expect(memory.members.size).toBe(0)
  await clock.advance(5 * leaseMs)
  const next = make(memory)
  await clock.settle()
  expect(await find(next, 'k')).toBe('kept')
})

test('what was loaded from an old line of the source’s history is found on that line alone, also when its load ends later', async () => {
  const { memory, clock, a, b, make } = await setup()
  let timeline: number | undefined = 1
  const moving = make(memory, undefined, { timeline: () => timeline })
  const moved = make(memory, undefined, { timeline: () => 2 })
  await clock.advance(2 * leaseMs)
  await moving.getOrSet('before', () => 'fork', tagged)
  const load = Promise.withResolvers<string>()
  const late = moving.getOrSet('during', () => load.promise, tagged)
  await clock.settle()
  timeline = undefined
  await moving.getOrSet('unknown', () => 'fork', tagged)
  timeline = 2
  load.resolve('fork')
  await late
  await moving.getOrSet('after', () => 'new', tagged)
  await clock.settle()
  const found = await Promise.all(['before', 'during', 'unknown', 'after'].map((key) => find(moved, key)))
  expect(found).toEqual([undefined, undefined, undefined, 'new'])
  for (const cache of [a, b, moving, moved]) await cache.close()
})

test('the channel hears of each epoch that is joined before it is used, and tells what the store has told to those of other epochs', async () => {
  const { memory, clock } = await setup()
  const calls: unknown[] = []
  let isSplit = true
  const cache: Cache = createCache({
    clock,
    sweepMs: 0,
    sharing: { leaseMs },
    shared: memory,
    channel: {
      isLive: () => true,
      tell: async () => {},
      join: (epoch) => calls.push(['join', epoch, cache.stats().shared?.state]),
      async tellStrangers(what, epoch) {
        calls.push(['tell', what, epoch])
        if (isSplit) throw new Error('They cannot be told')
      },
    },
  })
  await clock.advance(1)
  const epoch = (calls[0] as string[])[1]
  expect(calls).toEqual([['join', expect.stringMatching(/./), 'offline']])
  expect((await timed(clock, cache.invalidateTags(['t']))).value).toBe('local')
  isSplit = false
  expect((await timed(clock, cache.invalidateTags(['t']))).value).toBe('everywhere')
  memory.flush()
  await clock.advance(2 * leaseMs)
  expect(calls).toEqual([
    ['join', epoch, 'offline'],
    ['tell', ['t'], epoch],
    ['tell', ['t'], epoch],
    ['join', expect.not.stringMatching(`^${epoch}$`), 'offline'],
  ])
  await cache.close()
})

test('10,000 misses on two instances run one load', async () => {
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

test('another instance loads as soon as the first one has failed', async () => {
  const { a, b, clock } = await setup()
  const failing = Promise.resolve(
    a.getOrSet('k', async () => {
      await new Promise<void>((resolve) => void clock.setTimer(resolve, 100))
      throw new Error('as planned')
    }),
  )
  const failed = expect(failing).rejects.toThrow('as planned')
  await clock.advance(10)
  const { value, tookMs } = await timed(clock, find(b, 'k'))
  await failed
  expect(value).toBeUndefined()
  expect(tookMs).toBeLessThan(250)
})

test('an instance that the store answers too late holds nobody up', async () => {
  const { a, b, clock, storeA } = await setup({ lockMs: 10_000 })
  storeA.slow(budgetMs + 1, 0)
  await timed(clock, find(a, 'k'))
  await clock.advance(2 * budgetMs + 2)
  expect((await timed(clock, find(b, 'k'))).tookMs).toBe(0)
})

test('another instance loads when the first one takes too long', async () => {
  const { a, b, clock } = await setup({ lockMs: 200 })
  void a.getOrSet('k', never)
  await clock.advance(10)
  expect((await timed(clock, find(b, 'k'))).tookMs).toBeLessThan(320)
})

test('an invalidation has reached the memory of every instance when its promise is kept', async () => {
  const { a, b, clock, storeB } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeB.slow(0, 80)
  const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
  expect(value).toBe('everywhere')
  expect(tookMs).toBeGreaterThanOrEqual(80)
  expect(tookMs).toBeLessThan(leaseMs)
  expect((await timed(clock, find(b, 'k'))).value).toBeUndefined()
})

test('an invalidation waits for a silent instance until its lease is over; that one serves nothing old from then on', async () => {
  const { a, b, clock, storeB, memory } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeB.hang()
  const first = await timed(clock, a.invalidateTags(['t']))
  expect(first.value).toBe('everywhere')
  expect(first.tookMs).toBeGreaterThanOrEqual(leaseMs)
  expect(await timed(clock, find(b, 'k'))).toEqual({ value: undefined, tookMs: 0 })
  await clock.settle()
  expect(memory.members.size).toBe(1)
  expect((await timed(clock, a.invalidateTags(['t']))).tookMs).toBeLessThan(5)
})

test('an invalidation does not wait for an instance that is leaving', async () => {
  const { a, b, clock, storeB } = await setup()
  storeB.slow(20, 0)
  const closing = timed(clock, b.close())
  const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
  expect(value).toBe('everywhere')
  expect(tookMs).toBeLessThan(50)
  await closing
})

test('an invalidation gives unknown instances a whole lease where the store has lost its memory', async () => {
  const { a, b, clock, memory, storeB } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeB.hang()
  memory.flush()
  await a.invalidateTags(['x'])
  await clock.settle()
  expect(a.stats().shared).toMatchObject({ state: 'online', pending: 0 })
  const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
  expect(value).toBe('everywhere')
  expect(tookMs).toBeGreaterThanOrEqual(leaseMs)
  expect((await timed(clock, find(b, 'k'))).value).toBeUndefined()
})

test('an invalidation also drops values that this instance read from the store while it was under way', async () => {
  const { a, clock, memory, make } = await setup()
  await a.getOrSet('k', () => 'old', tagged)
  // A store that answers invalidations 10 ms later than reads.
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
  expect(await find(c, 'k')).toBe('old')
  await telling
  expect(await find(c, 'k')).toBeUndefined()
})

test('a caller’s change to its tags while the store does not answer has no effect', async () => {
  const { a, b, storeA, clock } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeA.hang()
  const tags = ['t']
  const invalidated = a.invalidateTags(tags)
  tags.length = 0
  await clock.advance(leaseMs)
  expect(await invalidated).toBe('local')
  storeA.heal()
  await clock.advance(3 * leaseMs)
  expect(await find(b, 'k')).toBeUndefined()
})

test('a store that is slow at a bad moment does not make every later invalidation wait for the whole lease', async () => {
  const clock = createFakeClock()
  const store = createFaultyStore(createMemoryStore(clock), clock.setTimer)
  const cache = createCache({ clock, shared: store, sweepMs: 0, sharing: { leaseMs, readBudgetMs: budgetMs } })
  await clock.advance(leaseMs)
  store.slow(budgetMs + 10, 0)
  await clock.advance(200)
  store.heal()
  await clock.advance(3 * leaseMs)
  expect(store.calls.get('confirmMembers')).toBe(2)
  expect((await timed(clock, cache.invalidateTags(['t']))).tookMs).toBe(0)
})

test('reads work at once without the store, from the first moment on', async () => {
  const clock = createFakeClock()
  const store = createFaultyStore(createMemoryStore(clock), clock.setTimer)
  store.down()
  const cache = createCache({ clock, shared: store, sweepMs: 0 })
  const read = cache.getOrSet('k', () => 1)
  expect(await timed(clock, read)).toEqual({ value: 1, tookMs: 0 })
  expect(cache.stats().shared).toMatchObject({ state: 'offline' })
  store.heal()
  await clock.advance(2_000)
  expect(cache.stats().shared).toMatchObject({ state: 'online', breaker: 'closed' })
  await cache.close()
})

test('nothing is answered from memory, or kept there, without the store', async () => {
  const { a, clock, storeA } = await setup()
  const options = { ttlMs: 100, staleMs: 10_000 }
  await a.getOrSet('before', () => 'old', options)
  storeA.down()
  let loads = 0
  for (const key of ['before', 'k', 'k']) {
    const trace: ReadTrace = {}
    expect(await a.getOrSet<unknown>(key, () => ++loads, { ...options, trace })).toBe(loads)
    expect(trace).toMatchObject({ status: 'miss', cause: 'untrusted' })
    expect(a.peek(key)).toBeUndefined()
  }
  expect(loads).toBe(3)
  storeA.heal()
  await clock.advance(1_000)
  expect(a.stats().shared?.state).toBe('online')
  expect(await find(a, 'k')).toBeUndefined()
})

test('a read waits no longer than its budget, and soon not at all: the breaker opens, and closes again', async () => {
  const { a, clock, storeA } = await setup({ leaseMs: 100_000, breakerFailures: 3, breakerCooldownMs: 500 })
  const states: string[] = []
  a.events.on('breaker', ({ state }) => states.push(state))
  storeA.slow(10_000, 0)
  const waits: number[] = []
  for (let i = 0; i < 5; i += 1) {
    const read = a.getOrSet(`k${i}`, () => i)
    waits.push((await timed(clock, read)).tookMs)
  }
  expect(waits.slice(0, 2)).toEqual([budgetMs, budgetMs])
  expect(waits.slice(2)).toEqual([0, 0, 0])
  expect(a.stats().shared).toMatchObject({ breaker: 'open', state: 'online' })
  storeA.heal()
  await clock.advance(500)
  await timed(clock, find(a, 'again'))
  expect(states).toEqual(['open', 'half-open', 'closed'])
  const { timeouts = 0, skipped = 0 } = a.stats().shared ?? {}
  expect([timeouts > 0, skipped > 0]).toEqual([true, true])
})

test('an invalidation says that it is local, and is told before this instance uses the store again', async () => {
  const { a, b, clock, storeA } = await setup()
  await a.getOrSet('k', () => 'old', tagged)
  expect(await find(b, 'k')).toBe('old')
  storeA.down()
  expect(await a.invalidateTags(['t'])).toBe('local')
  expect(await a.invalidateTags(['t', 'other'])).toBe('local')
  expect(a.stats().shared).toMatchObject({ pending: 2, state: 'offline' })
  storeA.heal()
  await clock.advance(1_000)
  expect(a.stats().shared).toMatchObject({ pending: 0, state: 'online' })
  expect([await find(a, 'k'), await find(b, 'k')]).toEqual([undefined, undefined])
})

test('an invalidation that the store never confirmed is told again', async () => {
  const { a, b, clock, storeA } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeA.hang()
  const { value, tookMs } = await timed(clock, a.invalidateTags(['t']))
  expect(value).toBe('local')
  expect(tookMs).toBeLessThanOrEqual(leaseMs)
  storeA.heal()
  await clock.advance(3_000)
  expect(await find(b, 'k')).toBeUndefined()
})

test('more invalidations than can be remembered become one of everything', async () => {
  const { a, b, clock, storeA } = await setup()
  await b.getOrSet('k', () => 'old', { tags: ['unconcerned'] })
  storeA.down()
  for (let i = 0; i < 11; i += 1) await a.invalidateTags(Array.from({ length: 1_000 }, (_, j) => `${i} ${j}`))
  expect(a.stats().shared?.pending).toBe(1)
  storeA.heal()
  await clock.advance(1_000)
  expect(await find(b, 'k')).toBeUndefined()
})

test('nobody serves a value that was invalidated while nobody could reach the store', async () => {
  const { a, b, clock, storeA, storeB } = await setup()
  await a.getOrSet('k', () => 'old', tagged)
  storeA.down()
  storeB.down()
  await a.invalidateTags(['t'])
  await clock.advance(2 * leaseMs)
  storeB.heal()
  await clock.advance(leaseMs)
  expect(b.stats().shared?.state).toBe('online')
  expect(await find(b, 'k')).toBeUndefined()
})

test('the channel tells invalidations that the store cannot be told: they are everywhere then, in the store too', async () => {
  const { a, b, clock, storeA } = await setup({}, true)
  for (const what of [['t'], 'all'] as const) {
    await b.getOrSet('k', () => 'old', tagged)
    storeA.down()
    if (what === 'all') await a.clear()
    else expect(await a.invalidateTags([...what])).toBe('everywhere')
    expect((await timed(clock, find(b, 'k'))).value).toBeUndefined()
    storeA.heal()
    await clock.advance(2 * leaseMs)
    expect([await find(a, 'k'), await find(b, 'k')]).toEqual([undefined, undefined])
  }
})

test('an invalidation is local where neither the store nor the channel can be told', async () => {
  const { a, storeA, channels } = await setup({}, true)
  storeA.down()
  channels[0]?.cut()
  expect(await a.invalidateTags(['t'])).toBe('local')
})

test('a cache that is closed leaves no session and no timer behind', async () => {
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

test('memory is not trusted for longer than a lease from when a renewal was sent, however late it was confirmed', async () => {
  const { a, clock, storeA } = await setup()
  await a.getOrSet('k', () => 'old', tagged)
  storeA.slow(400, 0)
  await clock.advance(2 * leaseMs)
  storeA.hang()
  expect(a.peek('k')).toBe('old')
  await clock.advance(leaseMs)
  expect(a.peek('k')).toBeUndefined()
})

test('memory is not trusted for longer than a lease from when its instance asked to join', async () => {
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

test('a load that is under way is not trusted after the lease of a stalled instance has run out', async () => {
  const [clock, clockB] = [createFakeClock(), createFakeClock()]
  const memory = createMemoryStore(clockB)
  const store = createFaultyStore(memory, clock.setTimer)
  const sharing = { leaseMs, readBudgetMs: budgetMs }
  const a = createCache({ clock, shared: store, sweepMs: 0, sharing })
  const b = createCache({ clock: clockB, shared: memory, sweepMs: 0, sharing })
  for (let turn = 0; turn < 30; turn += 1) await Promise.all([clock.advance(100), clockB.advance(100)])
  const finished = Promise.withResolvers<void>()
  let row = 'old'
  const load = async (): Promise<string> => {
    const value = row
    await finished.promise
    return value
  }
  const first = a.getOrSet('k', load, tagged)
  await clock.settle()
  store.hang()
  row = 'new'
  const invalidated = b.invalidateTags(['t'])
  clock.stall(leaseMs + 100)
  await clockB.advance(leaseMs + 100)
  expect(await invalidated).toBe('everywhere')
  const second = a.getOrSet('k', load, tagged)
  finished.resolve()
  expect(await Promise.all([first, second])).toEqual(['old', 'new'])
})

test('memory is not trusted after a message was lost', async () => {
  const { a, b, clock, storeB } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeB.loseMessages(1)
  expect((await timed(clock, a.invalidateTags(['t']))).value).toBe('everywhere')
  expect((await timed(clock, find(b, 'k'))).value).toBeUndefined()
  expect(b.stats().shared?.lapses).toBeGreaterThan(0)
})

test('memory is not trusted after a message was lost and a later one came, which would count for both', async () => {
  const { a, b, clock, storeB } = await setup()
  await b.getOrSet('k', () => 'old', tagged)
  storeB.loseMessages(1)
  await timed(clock, Promise.all([a.invalidateTags(['t']), a.invalidateTags(['other'])]))
  expect((await timed(clock, find(b, 'k'))).value).toBeUndefined()
})

test('memory is not trusted by a process that was suspended for longer than its lease', async () => {
  const { a, clock } = await setup()
  await a.getOrSet('k', () => 'old', tagged)
  expect(a.getOrSet('k', () => 'new', tagged)).toBe('old')
  clock.stall(leaseMs + 1)
  expect(await a.getOrSet('k', () => 'new', tagged)).toBe('new')
})

test.each(['flush', 'restart'] as const)('memory is not trusted after a %s of the store', async (loss) => {
  const { a, b, clock, memory } = await setup()
  const states: string[] = []
  b.events.on('shared', ({ state }) => states.push(state))
  await b.getOrSet('k', () => 'old', tagged)
  memory[loss]()
  await clock.advance(leaseMs)
  expect(states).toEqual(['offline', 'online'])
  expect(await find(b, 'k')).toBeUndefined()
  expect(await a.getOrSet('k', () => 'new', tagged)).toBe('new')
})
