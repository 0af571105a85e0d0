import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeLaneClock, type FakeLaneClock } from '../testing/fake-lane-clock.ts'
import { testHostLanes } from '../testing/host-lanes-contract.ts'
import type { HostLanes, Release } from './host-lanes.ts'
import { createMemoryLanes } from './memory-lanes.ts'

testHostLanes('in memory', async () => ({ lanes: createMemoryLanes(), close: async () => undefined }))

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('lanes in memory', () => {
  let clock: FakeLaneClock
  let lanes: HostLanes
  /** What has its turn, in order, with the time at which it came. */
  let turns: [name: string, at: number][]
  let releases: Map<string, Release>

  beforeEach(() => {
    clock = createFakeLaneClock()
    lanes = createMemoryLanes({ clock })
    turns = []
    releases = new Map()
  })
  const ask = (
    name: string,
    { host = 'a:80', intervalMs = 1000, signal = undefined as AbortSignal | undefined } = {},
  ) =>
    lanes.acquire(host, intervalMs, signal).then((release) => {
      turns.push([name, clock.now()])
      releases.set(name, release)
    })
  const release = (name: string, pauseMs?: number) => releases.get(name)?.(pauseMs)
  const advance = async (ms: number) => {
    clock.advance(ms)
    await settle()
  }

  it('let the first one in at once, and each next one in order, an interval after the release', async () => {
    for (const name of ['one', 'two', 'three']) ask(name)
    await settle()
    await advance(5000)
    expect(turns).toEqual([['one', 0]])
    release('one')
    await advance(999)
    expect(turns).toHaveLength(1)
    await advance(1)
    expect(turns.at(-1)).toEqual(['two', 6000])
    release('two')
    await advance(1000)
    expect(turns.at(-1)).toEqual(['three', 7000])
  })

  it('are one a host', async () => {
    ask('a')
    ask('b', { host: 'b:80' })
    await settle()
    expect(turns.map(([name]) => name)).toEqual(['a', 'b'])
  })

  it('keep the interval of the one who asks', async () => {
    ask('quick')
    ask('slow', { intervalMs: 10_000 })
    await settle()
    release('quick')
    await advance(9999)
    expect(turns).toHaveLength(1)
    await advance(1)
    expect(turns.at(-1)).toEqual(['slow', 10_000])
  })

  it('keep the pause that a server asks for, and go on after it', async () => {
    ask('one')
    await settle()
    release('one', 30_000)
    ask('two')
    expect(await lanes.waitMs('a:80', 1000)).toBe(31_000)
    await advance(29_999)
    expect(turns).toHaveLength(1)
    await advance(1)
    expect(turns.at(-1)).toEqual(['two', 30_000])
  })

  it('let go of who gives up, and of nobody else', async () => {
    ask('one')
    const controller = new AbortController()
    const second = ask('two', { signal: controller.signal })
    ask('three')
    await settle()
    controller.abort(new Error('no more'))
    await expect(second).rejects.toThrow('no more')
    await expect(ask('four', { signal: controller.signal })).rejects.toThrow('no more')
    release('one')
    await advance(1000)
    expect(turns.map(([name]) => name)).toEqual(['one', 'three'])
  })

  it('hear a release once, and no abort after the turn came', async () => {
    const controller = new AbortController()
    ask('one', { signal: controller.signal })
    ask('two')
    ask('three')
    await settle()
    controller.abort()
    release('one')
    release('one')
    await advance(1000)
    release('one')
    await advance(5000)
    expect(turns.map(([name]) => name)).toEqual(['one', 'two'])
    release('two')
    await advance(1000)
    expect(turns.at(-1)?.[0]).toBe('three')
  })

  it('tell how long a wait will be at least', async () => {
    expect(await lanes.waitMs('a:80', 1000)).toBe(0)
    ask('one')
    await settle()
    expect(await lanes.waitMs('a:80', 1000)).toBe(1000)
    release('one')
    await advance(400)
    expect(await lanes.waitMs('a:80', 1000)).toBe(600)
    ask('two')
    expect(await lanes.waitMs('a:80', 1000)).toBe(1600)
  })

  it('forget hosts that rested, and none that is in use or must still wait', async () => {
    ask('held', { host: 'held:80' })
    for (let host = 1; host < 1000; host++) {
      const giveBack = await lanes.acquire(`${host}:80`, 1000)
      giveBack(host === 7 ? 1e6 : 0)
    }
    await advance(61_000)
    ask('new', { host: 'new:80' })
    ask('second', { host: 'held:80' })
    await settle()
    expect(turns.map(([name]) => name)).toEqual(['held', 'new'])
    expect(await lanes.waitMs('7:80', 1000)).toBe(1e6 - 61_000)
    expect(await lanes.waitMs('8:80', 100_000)).toBe(0)
  })
})
