import { expect, test } from 'vitest'
import { CannotConnectError } from '../pg-errors.ts'
import { createPrimary } from './primary.ts'
import { type Look, type WatchedServer, waitStatement } from './watched-server.ts'

const standby = {
  isStandby: true,
  isWritable: false,
  systemId: '7',
  databaseId: '5',
  timeline: 1,
  lsn: 0n,
  startedAt: '0',
  version: 170_000,
}
const writer = { ...standby, isStandby: false, isWritable: true }

/** Servers that are as `states` says at each look; undefined: away. */
function serversIn(states: Record<string, Look | undefined>): WatchedServer[] {
  return Object.keys(states).map((name) => ({
    name,
    url: `postgres://${name}/d`,
    generation: 0,
    lsn: 0n,
    received: 0n,
    timeline: 1,
    startedAt: '0',
    async look() {
      const look = states[name]
      if (look === undefined) throw new CannotConnectError(`${name} cannot be reached: no answer`)
      return look
    },
    askLsn: async () => 0n,
    waitFor: async () => true,
    close: async () => {},
  }))
}

test('the server that takes writes is found among standbys', async () => {
  const primary = createPrimary(serversIn({ a: standby, b: writer }))
  expect((await primary.find()).name).toBe('b')
})

test('a promoted standby takes over, and the old primary that comes back is refused as a fork', async () => {
  const states: Record<string, Look | undefined> = { a: writer, b: standby }
  const primary = createPrimary(serversIn(states))
  let moves = 0
  primary.onMove(() => moves++)
  await primary.look()
  states.a = undefined
  await primary.look()
  // It may only have been busy.
  expect(primary.current?.name).toBe('a')
  await primary.look()
  await expect(primary.find()).rejects.toThrow(
    'No server of DATABASE_URL takes writes: a cannot be reached: no answer; b is a standby',
  )
  states.b = { ...writer, timeline: 2 }
  expect((await primary.find()).name).toBe('b')
  expect(moves).toBe(1)
  states.a = writer
  await primary.look()
  expect(primary.current?.name).toBe('b')
  expect(primary.states.get('a')).toBe('is a fork: it goes on with timeline 1, after a promotion to 2')
  states.b = undefined
  for (let round = 0; round < 3; round++) await primary.look()
  expect(primary.current).toBe(undefined)
})

const away = (why: string, code?: string) =>
  new CannotConnectError(`b cannot be reached: ${why}`, { cause: Object.assign(new Error(why), { code }) })

/** The first of them as it is; the second says nothing but the error for so many looks. */
function withSilences(states: Record<string, Look | undefined>, error: Error, silences: number): WatchedServer[] {
  let left = silences
  return serversIn(states).map((server, at) => ({
    ...server,
    look: async () => {
      if (at === 1 && left-- > 0) throw error
      return server.look()
    },
  }))
}

test.each([
  ['Query read timeout', undefined],
  ['sorry, too many clients already', '53300'],
  ['the database system is starting up', '57P03'],
  ['getaddrinfo EAI_AGAIN b', 'EAI_AGAIN'],
  ['connect EHOSTUNREACH', 'EHOSTUNREACH'],
])(
  'a server that starts waits for one that may have been promoted (%s) before it takes the one that answers',
  async (why, code) => {
    const states = { a: writer, b: { ...writer, timeline: 2 } }
    expect((await createPrimary(withSilences(states, away(why, code), 3)).find()).name).toBe('b')
    const hopeless = createPrimary(withSilences(states, away(why, code), 1000), { undecidedMs: 300 })
    expect((await hopeless.find()).name).toBe('a')
  },
)

test('a server that starts does not wait for one on which nothing listens', async () => {
  const states = { a: writer, b: { ...writer, timeline: 2 } }
  const error = away('connect ECONNREFUSED', 'ECONNREFUSED')
  const primary = createPrimary(withSilences(states, error, 1000), { undecidedMs: 60_000 })
  expect((await primary.find()).name).toBe('a')
})

test('a primary that was away is not taken again at once where another one says nothing; one that was promoted is', async () => {
  const states: Record<string, Look | undefined> = { a: writer, b: standby }
  const primary = createPrimary(serversIn(states), { undecidedMs: 60_000 })
  await primary.look()
  states.a = undefined
  states.b = undefined
  for (let round = 0; round < 2; round++) await primary.look()
  // The old one, and its successor hangs.
  states.a = writer
  await primary.look()
  expect(primary.current).toBe(undefined)
  states.a = undefined
  states.b = { ...writer, timeline: 2 }
  await primary.look()
  expect(primary.current?.name).toBe('b')
})

test('a primary whose standby elsewhere follows a newer one is refused, and what leads to it is cut, until it leads to that', async () => {
  const states: Record<string, Look | undefined> = { a: writer }
  const primary = createPrimary(serversIn(states))
  let moves = 0
  primary.onMove(() => moves++)
  await primary.look()
  primary.tell({ ...standby, systemId: '8', timeline: 2 })
  primary.tell({ ...writer, timeline: 2 })
  primary.tell({ ...standby, timeline: 1 })
  expect(primary.current?.name).toBe('a')
  primary.tell({ ...standby, timeline: 2 })
  expect([primary.current, moves]).toEqual([undefined, 1])
  expect(primary.replaced).toBe('a is a fork: it goes on with timeline 1, after a promotion to 2')
  await primary.look()
  expect([primary.current, moves]).toEqual([undefined, 1])
  states.a = { ...writer, timeline: 2 }
  await primary.look()
  expect([primary.current?.name, primary.replaced]).toEqual(['a', undefined])
})

test('a primary on an older timeline than a standby has told of is refused from the start', async () => {
  const primary = createPrimary(serversIn({ a: writer, b: { ...standby, timeline: 2 } }))
  await expect(primary.find()).rejects.toThrow('a is a fork')
})

test('servers of two clusters in one URL are refused at the start', async () => {
  const states: Record<string, Look | undefined> = { a: writer, b: { ...writer, systemId: '8' } }
  await expect(createPrimary(serversIn(states)).find()).rejects.toThrow(
    'a is of the cluster 7, and others are not; b is of the cluster 8, and others are not',
  )
})

test('a primary of another cluster, and one that is read-only, are refused', async () => {
  const states: Record<string, Look | undefined> = { a: writer, b: standby }
  const primary = createPrimary(serversIn(states))
  await primary.look()
  states.a = { ...writer, systemId: '8', timeline: 9 }
  await expect(primary.look().then(primary.find)).rejects.toThrow('a belongs to another cluster; b is a standby')
  states.a = { ...writer, isWritable: false }
  await expect(primary.look().then(primary.find)).rejects.toThrow('a takes no writes')
})

test("a primary that was started anew is the same one: nobody's connections are cut", async () => {
  const states: Record<string, Look | undefined> = { a: writer }
  const primary = createPrimary(serversIn(states))
  let moves = 0
  primary.onMove(() => moves++)
  await primary.look()
  states.a = undefined
  for (let round = 0; round < 3; round++) await primary.look()
  states.a = { ...writer, startedAt: '1' }
  expect((await primary.find()).name).toBe('a')
  expect(moves).toBe(0)
})

test('PostgreSQL 19 is told to wait for the least that somebody waits for', () => {
  expect(waitStatement([0x2_0000_00ffn, 0x1_0000_0010n])).toBe("wait for lsn '1/10' with (timeout '10ms', no_throw)")
})
