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

test('a server that starts waits for one that hangs, which may have been promoted, before it takes the one that answers', async () => {
  const states: Record<string, Look | undefined> = { a: writer, b: { ...writer, timeline: 2 } }
  const servers = serversIn(states)
  let silences = 0
  const hung = servers.map((server) => ({
    ...server,
    look: async () => {
      if (server.name === 'b' && silences-- > 0) throw new CannotConnectError('b cannot be reached: Query read timeout')
      return server.look()
    },
  }))
  silences = 2
  expect((await createPrimary(hung).find()).name).toBe('b')
  silences = 3
  expect((await createPrimary(hung).find()).name).toBe('a')
})

test('a primary on an older timeline than a standby has told of is refused from the start', async () => {
  const primary = createPrimary(serversIn({ a: writer, b: { ...standby, timeline: 2 } }))
  await expect(primary.find()).rejects.toThrow('a is a fork')
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
