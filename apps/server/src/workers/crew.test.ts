import { expect, test } from 'vitest'
import { CrewError, createCrew, type Hand, type HandEnd, type StopKind } from './crew.ts'

/** Processes that the test makes ready and ends; the clock jumps over each pause. */
function playCrew(seats: number) {
  let now = 0
  const pauses: number[] = []
  const begun: (Hand & { seat: number; serve(): void; end(end?: Partial<HandEnd>): void; asked: StopKind[] })[] = []
  const { promise: waitedLong, resolve: waitLong } = Promise.withResolvers<void>()
  /** The next starts fail with these. */
  const troubles: string[] = []
  const start = (seat: number): Hand => {
    if (troubles.length > 0) throw new Error(troubles.shift())
    const { promise: ready, resolve: serve } = Promise.withResolvers<void>()
    const { promise: ended, resolve } = Promise.withResolvers<HandEnd>()
    const asked: StopKind[] = []
    const end = (how: Partial<HandEnd> = {}) => resolve({ code: 1, signal: null, ...how })
    const kill = () => end({ code: null, signal: 'SIGKILL' })
    const hand = { seat, ready, ended, asked, serve, end, kill, stop: (how: StopKind) => void asked.push(how) }
    begun.push(hand)
    return hand
  }
  const sleep = async (ms: number, holds: boolean) => {
    // No pause, but the longest wait for a start.
    if (ms > 60_000) return waitedLong
    expect(holds).toBe(true)
    pauses.push(ms)
    now += ms
  }
  const crew = createCrew({ seats, start, sleep, now: () => now })
  return { crew, begun, pauses, troubles, waitLong, pass: (ms: number) => (now += ms) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function openCrew(seats: number) {
  const play = playCrew(seats)
  const opened = play.crew.open()
  for (let seat = 0; seat < seats; seat++) {
    play.begun[seat]?.serve()
    await settled()
  }
  await opened
  return play
}

test('the first worker starts alone', async () => {
  const { crew, begun } = playCrew(3)
  const opened = crew.open()
  await settled()
  expect(begun.map(({ seat }) => seat)).toEqual([1])
  begun[0]?.serve()
  await settled()
  expect(begun.map(({ seat }) => seat)).toEqual([1, 2, 3])
  for (const hand of begun) hand.serve()
  await opened
  expect(crew.stats()).toEqual({ ready: 3, ends: 0, replacements: 0 })
})

test('a server whose first worker cannot start does not try again', async () => {
  const { crew, begun } = playCrew(2)
  const opened = crew.open()
  begun[0]?.end({ code: 1 })
  await expect(opened).rejects.toThrow(new CrewError('Worker 1 could not start: with status 1.'))
  expect(begun).toHaveLength(1)
})

test('a worker that is killed is started again at once, in its seat', async () => {
  const { crew, begun, pauses, pass } = await openCrew(2)
  pass(60_000)
  begun[0]?.end({ code: null, signal: 'SIGKILL' })
  await settled()
  expect(begun.map(({ seat }) => seat)).toEqual([1, 2, 1])
  expect(pauses).toEqual([])
  begun[2]?.serve()
  await settled()
  expect(crew.stats()).toEqual({ ready: 2, ends: 1, replacements: 0 })
})

test('a worker that ends at its start again and again is started ever later, and for as long as another one serves', async () => {
  const { crew, begun, pauses } = await openCrew(2)
  for (let n = 0; n < 10; n++) {
    begun.at(-1)?.end({ code: 7 })
    await settled()
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000])
  expect(crew.stats().ready).toBe(1)
  const lasting = expect(crew.lasting).rejects.toThrow('Worker 2 ended 11 times in a row, with status 7 at last.')
  begun[0]?.end()
  await settled()
  begun[11]?.end({ code: 7 })
  await lasting
})

test('a server none of whose workers comes up ends with the reason', async () => {
  const { crew, begun, pauses } = await openCrew(1)
  const lasting = expect(crew.lasting).rejects.toThrow('Worker 1 ended 8 times in a row, with status 7 at last.')
  for (let n = 0; n < 8; n++) {
    begun.at(-1)?.end({ code: 7 })
    await settled()
  }
  await lasting
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000])
})

test('a start that takes long and fails, as without a database that answers, is a failed start all the same', async () => {
  const { crew, begun, pauses, pass } = await openCrew(1)
  const lasting = expect(crew.lasting).rejects.toThrow('Worker 1 ended 8 times in a row, with status 1 at last.')
  for (let n = 0; n < 8; n++) {
    pass(10_500)
    begun.at(-1)?.end()
    await settled()
  }
  // The first had served before.
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000])
  await lasting
})

test('a reload replaces one worker after the other, each when its successor serves', async () => {
  const { crew, begun } = await openCrew(2)
  const reloaded = crew.reload()
  await settled()
  expect(begun.slice(2).map(({ seat }) => seat)).toEqual([1])
  expect(begun[0]?.asked).toEqual([])
  begun[2]?.serve()
  await settled()
  expect([begun[0]?.asked, begun[1]?.asked]).toEqual([['replace'], []])
  begun[3]?.serve()
  await reloaded
  expect(begun.map(({ asked }) => asked)).toEqual([['replace'], ['replace'], [], []])
  begun[0]?.end({ code: 0 })
  begun[1]?.end({ code: 0 })
  await settled()
  expect(begun).toHaveLength(4)
  expect(crew.stats()).toEqual({ ready: 2, ends: 0, replacements: 2 })
})

test('a reload whose first new worker cannot start leaves the old ones where they are', async () => {
  const { crew, begun } = await openCrew(2)
  const reloaded = crew.reload()
  await settled()
  begun[2]?.end()
  await reloaded
  expect(begun.map(({ asked }) => asked)).toEqual([[], [], []])
  expect(crew.stats()).toMatchObject({ ready: 2, replacements: 0 })
})

test('a reload whose new worker neither serves nor ends gives it up, and can be asked for again', async () => {
  const { crew, begun, waitLong } = await openCrew(1)
  const reloaded = crew.reload()
  waitLong()
  await reloaded
  expect(await begun[1]?.ended).toMatchObject({ signal: 'SIGKILL' })
  expect(begun[0]?.asked).toEqual([])
  expect(crew.stats()).toEqual({ ready: 1, ends: 0, replacements: 0 })
  void crew.reload()
  await settled()
  expect(begun).toHaveLength(3)
})

test('a reload that is asked for while the server opens begins when all seats are filled', async () => {
  const { crew, begun } = playCrew(2)
  const opened = crew.open()
  const reloaded = crew.reload()
  await settled()
  expect(begun.map(({ seat }) => seat)).toEqual([1])
  for (let n = 0; n < 4; n++) {
    begun[n]?.serve()
    await settled()
  }
  await Promise.all([opened, reloaded])
  expect(begun.map(({ seat, asked }) => [seat, ...asked])).toEqual([[1, 'replace'], [2, 'replace'], [1], [2]])
})

test('a process that cannot even be started counts as one that ended', async () => {
  const { crew, begun, pauses, troubles } = await openCrew(2)
  troubles.push('spawn ENOMEM', 'spawn ENOMEM')
  begun[0]?.end()
  await settled()
  expect(pauses).toEqual([250, 500])
  expect(begun.at(-1)?.seat).toBe(1)
  begun.at(-1)?.serve()
  await settled()
  expect(crew.stats()).toEqual({ ready: 2, ends: 3, replacements: 0 })
  troubles.push('spawn ENOMEM')
  await crew.reload()
  expect(begun.map(({ asked }) => asked)).toEqual([[], [], []])
})

test('a server whose first process cannot even be started says why', async () => {
  const { crew, troubles } = playCrew(1)
  troubles.push('spawn ENOMEM')
  await expect(crew.open()).rejects.toThrow('Worker 1 could not start: by an error (spawn ENOMEM).')
})

test('a worker that ends while the server stops is not started again', async () => {
  const { crew, begun } = await openCrew(2)
  const closed = crew.close()
  for (const hand of begun) hand.end({ code: 0 })
  await closed
  await settled()
  expect(begun).toHaveLength(2)
})
