import { expect, test, vi } from 'vitest'
import { CannotConnectError } from '../pg-errors.ts'
import type { Lsn } from './lsn.ts'
import type { Primary } from './primary.ts'
import { createReplicas } from './replicas.ts'
import type { WatchedServer } from './watched-server.ts'

interface FakeState {
  place: Lsn
  received?: Lsn
  timeline?: number
  databaseId?: string
  /** `hangs`: it takes questions, and answers none. */
  mood: 'well' | 'away' | 'hangs'
}

function serverOf(name: string, state: FakeState): WatchedServer {
  const answer = async <Value>(value: Value): Promise<Value> => {
    if (state.mood === 'hangs') return new Promise(() => {})
    if (state.mood === 'away') throw new CannotConnectError(`${name} cannot be reached`)
    return value
  }
  return {
    name,
    url: `postgres://${name}/d`,
    generation: 0,
    get lsn() {
      return state.place
    },
    get received() {
      return state.received ?? 0n
    },
    get timeline() {
      return state.timeline ?? 1
    },
    startedAt: '0',
    look: () =>
      answer({
        isStandby: true,
        isWritable: false,
        systemId: '7',
        databaseId: state.databaseId ?? '5',
        timeline: state.timeline ?? 1,
        lsn: state.place,
        startedAt: '0',
        version: 170_000,
      }),
    askLsn: () => answer(state.place),
    waitFor: async () => false,
    close: async () => {},
  }
}

async function play(...states: FakeState[]) {
  const changes: string[] = []
  const primaryState: FakeState = { place: 100n, mood: 'well' }
  const primaryServer = serverOf('primary', primaryState)
  const history = { systemId: '7', databaseId: '5', timeline: 1 }
  const primary: Primary = {
    current: primaryServer,
    history,
    states: new Map(),
    find: async () => primaryServer,
    replaced: undefined,
    onMove() {},
    tell() {},
    look: vi.fn(async () => {}),
  }
  const cut = vi.fn()
  const source = { pool: { cut, stats: () => ({}) }, lane: { cut } } as never
  const members = states.map((state, at) => ({ server: serverOf(`replica ${at + 1}`, state), source }))
  const replicas = createReplicas(members, {
    primary,
    maxLagMs: 60_000,
    onChange: ({ name, state, reason }) => changes.push([name, state, reason].join(' ')),
  })
  await replicas.look()
  return { replicas, primary, history, primaryState, cut, changes }
}

const anything = { least: 0n, wanted: 0n, waitMs: 50 }

test('whoever reads on a replica that is found to be away is told, once, and its connections are cut', async () => {
  const state: FakeState = { place: 100n, mood: 'well' }
  const { replicas, cut } = await play(state)
  const [reading, over] = [await replicas.choose(anything), await replicas.choose(anything)]
  const [onLost, onLostLater] = [vi.fn(), vi.fn()]
  reading?.onLost(onLost)
  over?.onLost(onLostLater)
  over?.done(true)
  state.mood = 'away'
  await replicas.look()
  await replicas.look()
  expect(onLost.mock.calls).toEqual([['replica 1 replica 1 cannot be reached']])
  expect(onLostLater).not.toHaveBeenCalled()
  // The pool and the lane.
  expect(cut).toHaveBeenCalledTimes(2)
})

test('a replica that hangs is waited for no longer than the caller may wait, and gets no read', async () => {
  const hung: FakeState = { place: 50n, mood: 'well' }
  const { replicas } = await play(hung, { place: 80n, mood: 'well' })
  hung.mood = 'hangs'
  const asked = { least: 0n, wanted: 90n, waitMs: 50 }
  // Each of them is the first in turn once.
  for (let n = 0; n < 2; n++) {
    const chosen = await replicas.choose(asked)
    if (chosen !== undefined) expect(chosen.lsn).toBe(80n)
    chosen?.done(false)
  }
})

test('a read that has ended twice counts once', async () => {
  const { replicas } = await play({ place: 100n, mood: 'well' })
  const chosen = await replicas.choose(anything)
  chosen?.done(true)
  chosen?.done(false)
  chosen?.done(true)
  expect(replicas.stats()[0]?.served).toBe(1)
})

test('the primary is asked anew whether it is back, and is not waited for where it hangs', async () => {
  const { replicas, primaryState } = await play({ place: 100n, mood: 'well' })
  primaryState.mood = 'away'
  await replicas.look()
  expect([replicas.isPrimaryThere(), await replicas.askPrimary(50)]).toEqual([false, false])
  primaryState.mood = 'well'
  expect(replicas.isPrimaryThere()).toBe(false)
  expect([await replicas.askPrimary(10_000), replicas.isPrimaryThere()]).toEqual([true, true])
  primaryState.mood = 'hangs'
  expect(await replicas.askPrimary(50)).toBe(false)
})

test('a replica of a primary that has not answered for longer than the limit is not read from, however idle all seemed', async () => {
  const clock = vi.spyOn(performance, 'now')
  try {
    const at = performance.now()
    clock.mockReturnValue(at)
    const { replicas, primaryState } = await play({ place: 100n, mood: 'well' })
    primaryState.mood = 'away'
    clock.mockReturnValue(at + 59_000)
    await replicas.look()
    expect(replicas.stats()[0]).toMatchObject({ state: 'up', lagMs: 59_000 })
    clock.mockReturnValue(at + 61_000)
    await replicas.look()
    expect(replicas.stats()[0]).toMatchObject({
      state: 'lagging',
      reason: 'may be 61000 ms behind: the primary has not answered for longer than REPLICA_MAX_LAG_MS',
    })
    expect(await replicas.choose(anything)).toBe(undefined)
    primaryState.mood = 'well'
    await replicas.look()
    expect(replicas.stats()[0]).toMatchObject({ state: 'up', lagMs: 0 })
  } finally {
    clock.mockRestore()
  }
})

test('without a primary only what has replayed all that any of them was sent is read from', async () => {
  const [one, other]: FakeState[] = [
    { place: 100n, mood: 'well' },
    { place: 80n, mood: 'well' },
  ]
  const { replicas } = await play(one as FakeState, other as FakeState)
  const alone = () => replicas.chooseAlone({ least: 90n, waitMs: 50 })
  expect((await alone())?.lsn).toBe(100n)
  // It still follows a primary, whose writes it does not show yet.
  Object.assign(other as FakeState, { received: 120n })
  expect(await alone()).toBe(undefined)
  Object.assign(other as FakeState, { place: 120n })
  expect((await alone())?.lsn).toBe(120n)
  Object.assign(other as FakeState, { mood: 'hangs' })
  expect((await alone())?.lsn).toBe(100n)
})

test('a replica of the last primary gets no read from the moment that another timeline is known, until a look has seen it follow', async () => {
  const state: FakeState = { place: 100n, mood: 'well' }
  const { replicas, history, primaryState } = await play(state)
  history.timeline = 2
  primaryState.timeline = 2
  // Its places are further than the new primary's, and are of another log.
  Object.assign(state, { place: 200n })
  expect(await replicas.choose(anything)).toBe(undefined)
  expect(await replicas.chooseAlone({ least: 0n, waitMs: 50 })).toBe(undefined)
  state.timeline = 2
  await replicas.look()
  expect((await replicas.choose(anything))?.lsn).toBe(200n)
})

test('a primary that goes on with a timeline which has ended, as behind a pooler, is none', async () => {
  const { replicas, history, primary, primaryState } = await play({ place: 100n, mood: 'well' })
  history.timeline = 2
  await expect(replicas.primaryPlace()).rejects.toThrow('primary goes on with timeline 1, which has ended')
  expect(primary.look).toHaveBeenCalledTimes(1)
  primaryState.timeline = 2
  expect(await replicas.primaryPlace()).toEqual({ timeline: 2, lsn: 100n })
})

test('a timeline that is not known is looked for, once a second', async () => {
  const { replicas, history, primary } = await play({ place: 100n, mood: 'well' })
  expect(await replicas.knowsTimeline(1, 50)).toBe(true)
  expect(await replicas.knowsTimeline(2, 50)).toBe(false)
  expect(await replicas.knowsTimeline(2, 50)).toBe(false)
  expect(primary.look).toHaveBeenCalledTimes(1)
  history.timeline = 2
  expect(await replicas.knowsTimeline(2, 50)).toBe(true)
})

test('whether a replica is read from is told at first, and whenever it changes', async () => {
  const [well, gone]: FakeState[] = [
    { place: 100n, mood: 'well' },
    { place: 0n, mood: 'away' },
  ]
  const { replicas, changes } = await play(well as FakeState, gone as FakeState)
  await replicas.look()
  expect(changes).toEqual(['replica 1 up ', 'replica 2 down replica 2 cannot be reached'])
  Object.assign(well as FakeState, { timeline: 3 })
  await replicas.look()
  expect(changes.slice(2)).toEqual(['replica 1 diverged follows timeline 3, and the primary is on timeline 1'])
  expect(replicas.stats()[0]?.lagMs).toBe(undefined)
})

test('a standby of the same cluster that leads to another database is not read from', async () => {
  const { replicas, changes } = await play({ place: 100n, mood: 'well', databaseId: '6' })
  expect(await replicas.choose(anything)).toBe(undefined)
  expect(changes).toEqual(['replica 1 diverged leads to another database than DATABASE_URL does'])
})
