import { createCache } from '@extropy/cache'
import { CannotConnectError, type Lsn, type Replicas } from '@extropy/db'
import { expect, test, vi } from 'vitest'
import { createReplicaReads } from './replica-reads.ts'

type Chosen = NonNullable<Awaited<ReturnType<Replicas['choose']>>>

interface Scene {
  place: Lsn
  timeline: number
  /** The newest that this server knows. */
  knownTimeline: number
  replaced: string | undefined
  isThere: boolean
  /** Whether the cache may be used. */
  isInTouch: boolean
  isDeaf: boolean
}

function play() {
  const scene: Scene = {
    place: 100n,
    timeline: 1,
    knownTimeline: 1,
    replaced: undefined,
    isThere: true,
    isInTouch: true,
    isDeaf: false,
  }
  let seenThere = true
  const lost: ((reason: string) => void)[] = []
  const done = vi.fn()
  const choose = vi.fn(async (): Promise<Chosen> => {
    return {
      source: {} as never,
      lsn: scene.place,
      isSame: () => true,
      onLost: (hear) => void lost.push(hear),
      done,
    }
  })
  const chooseAlone = vi.fn((_: { readonly least: Lsn }) => choose())
  const replicas = {
    choose,
    chooseAlone,
    async primaryPlace() {
      if (!scene.isThere) throw new Error('away')
      return { timeline: scene.timeline, lsn: scene.place }
    },
    get timeline() {
      return scene.knownTimeline
    },
    get replaced() {
      return scene.replaced
    },
    knowsTimeline: async (timeline: number) => timeline <= scene.knownTimeline,
    isPrimaryThere: () => seenThere,
    async askPrimary() {
      seenThere = scene.isThere
      return seenThere
    },
    look: async () => {
      seenThere = scene.isThere
    },
    stats: () => [],
  } satisfies Replicas
  const cache = createCache({})
  const gated = {
    get sequence() {
      return cache.sequence
    },
    isCurrentSince: (sequence: number, tags: readonly string[]) =>
      scene.isInTouch && cache.isCurrentSince(sequence, tags),
  }
  let move = () => {}
  const reads = createReplicaReads(gated, replicas, {
    databaseId: 'test',
    onMove: (hear) => {
      move = hear
    },
    isDeaf: () => scene.isDeaf,
  })
  return {
    scene,
    cache,
    reads,
    replicas,
    choose,
    chooseAlone,
    done,
    lose: (why: string) => lost.splice(0).map((hear) => hear(why)),
    move: () => move(),
  }
}

const nothingRead = { reads: new Set<string>(), unknown: undefined }
const never = new AbortController().signal
const forEver = () => new Promise<never>(() => {})

test('a read on a replica that is lost ends at once, though its statement never does', async () => {
  const { reads, lose, done } = play()
  await reads.noteWrite(reads.era())
  const read = await reads.begin(undefined)
  const running = read?.run(forEver, never)
  lose('it is away')
  await expect(running).rejects.toThrow('it is away')
  read?.fail()
  read?.end()
  expect(done.mock.calls).toEqual([[false]])
  expect(reads.counts().failed).toBe(1)
})

test('a read that its caller leaves ends at once too, and what runs is told', async () => {
  const { reads } = play()
  await reads.noteWrite(reads.era())
  const read = await reads.begin(undefined)
  const caller = new AbortController()
  let told: AbortSignal | undefined
  const running = read?.run(({ signal }) => {
    told = signal
    return forEver()
  }, caller.signal)
  caller.abort(new Error('gone'))
  await expect(running).rejects.toThrow('gone')
  expect(told?.aborted).toBe(true)
})

test('a primary that is back since the last look is read, not a replica that may lack what it has taken meanwhile', async () => {
  const { scene, reads, replicas } = play()
  await reads.noteWrite(reads.era())
  Object.assign(scene, { isThere: false, isInTouch: false })
  await replicas.look()
  expect(reads.isCutOff()).toBe(true)
  const cutOff = await reads.begin(undefined)
  expect(cutOff?.isUncertain).toBe(true)
  expect(await cutOff?.isCurrent(nothingRead)).toBe(true)
  scene.isThere = true
  const read = await reads.begin(undefined)
  expect(read?.isUncertain).toBe(false)
  // Out of touch, it cannot be known to be current.
  expect(await read?.isCurrent(nothingRead)).toBe(false)
})

test("after a move of the primary a caller's stamp still stands for what it stood for", async () => {
  const { scene, reads, replicas, choose, chooseAlone, move } = play()
  await reads.noteWrite(reads.era())
  const { stamp } = reads
  move()
  Object.assign(scene, { isThere: false, isInTouch: false })
  await replicas.look()
  await reads.begin(stamp)
  expect(chooseAlone).toHaveBeenLastCalledWith(expect.objectContaining({ least: 100n }))
  // The new primary is behind: its own places count from now on.
  Object.assign(scene, { isThere: true, isInTouch: true, timeline: 2, knownTimeline: 2, place: 90n })
  await reads.noteWrite(reads.era())
  expect(reads.stamp?.slice(0, 24)).toBe('00000002000000000000005A')
  await reads.noteWrite(reads.era())
  await reads.begin(stamp)
  expect(choose).toHaveBeenLastCalledWith(expect.objectContaining({ least: 100n }))
})

test('whoever has seen a promotion that this server has not is not let in, and a write is not told of before the timeline is seen', async () => {
  const { scene, reads } = play()
  await reads.noteWrite(reads.era())
  const { stamp: old } = reads
  scene.timeline = 2
  // Writes that began before it may have been lost with the old primary, whoever asks for the new place first.
  const [since, other] = [reads.era(), reads.era()]
  expect(await Promise.all([reads.noteWrite(since), reads.noteWrite(other)])).toEqual([false, false])
  expect([await reads.noteWrite(since), await reads.noteWrite(reads.era())]).toEqual([false, true])
  const { stamp } = reads
  expect((stamp ?? '') > (old ?? '')).toBe(true)
  // Another server, which knows the old primary alone, may neither write nor read there.
  const elsewhere = play()
  await elsewhere.reads.noteWrite(elsewhere.reads.era())
  const { reads: others } = elsewhere
  expect([stamp, old, undefined].map(others.mayRefuse)).toEqual([true, false, false])
  await expect(others.admit(stamp)).rejects.toThrow(CannotConnectError)
  await expect(others.admit(stamp?.replace('2', '3'))).resolves.toBeUndefined()
  for (const each of [old, undefined, 'made up']) await expect(others.admit(each)).resolves.toBeUndefined()
  elsewhere.scene.knownTimeline = 2
  expect(others.mayRefuse(stamp)).toBe(false)
  await expect(others.admit(stamp)).resolves.toBeUndefined()
})

test('a server whose primary was replaced, and that finds no other, lets nobody in', async () => {
  const { scene, reads } = play()
  scene.replaced = 'a is a fork'
  expect(reads.mayRefuse(undefined)).toBe(true)
  await expect(reads.admit(undefined)).rejects.toThrow('a is a fork')
})

test('a write that began before a move is not told of after it, though a read has asked for the new place first', async () => {
  const { scene, cache, reads, move } = play()
  await reads.noteWrite(reads.era())
  const since = reads.era()
  move()
  Object.assign(scene, { timeline: 2, knownTimeline: 2 })
  await cache.hear(['card:1'])
  await reads.noteRead()
  expect(await reads.noteWrite(since)).toBe(false)
  expect(await reads.noteWrite(reads.era())).toBe(true)
})

test('a stamp is renewed now and then where nothing is written or read anew', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const { scene, reads } = play()
    await reads.noteWrite(reads.era())
    const { stamp: old = '' } = reads
    scene.place = 300n
    vi.advanceTimersByTime(9000)
    expect(reads.stamp).toBe(old)
    vi.advanceTimersByTime(2000)
    expect(reads.stamp).toBe(old)
    await vi.waitFor(() => expect((reads.stamp ?? '') > old).toBe(true))
  } finally {
    vi.useRealTimers()
  }
})

test('a stamp covers what a read has shown after an invalidation by another server', async () => {
  const { scene, cache, reads } = play()
  await reads.noteWrite(reads.era())
  scene.place = 200n
  await cache.hear(['card:1'])
  await reads.noteRead()
  expect(reads.stamp?.slice(0, 24)).toBe('0000000100000000000000C8')
})

test('where nothing that others do is ever heard of, no read begins on a replica in vain', async () => {
  const { scene, reads, replicas, choose } = play()
  await reads.noteWrite(reads.era())
  Object.assign(scene, { isDeaf: true, isInTouch: false })
  expect(await reads.begin(undefined)).toBe(undefined)
  expect(choose).not.toHaveBeenCalled()
  scene.isThere = false
  await replicas.look()
  expect((await reads.begin(undefined))?.isUncertain).toBe(true)
})
