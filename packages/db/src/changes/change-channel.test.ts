import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase, type DatabaseHandle } from '../create-db.ts'
import { migrate } from '../migrate.ts'
import type { ServerAddress } from '../replication/replication.ts'
import { type Cluster, createCluster, noServersBecause } from '../testing/pg-cluster.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-db.ts'
import { type ChangeChannel, type Changed, openChangeChannel } from './change-channel.ts'
import { readDatabaseId } from './database-id.ts'

const template = inject('databaseTemplate')

/** A server's end of the channel, and what it was told. */
async function open(
  { db }: DatabaseHandle,
  url: string | ServerAddress,
  options: { applyMs?: number; strangersAfterMs?: number; epoch?: string } = {},
) {
  const heard: Changed[] = []
  let warnings = 0
  const channel: ChangeChannel = openChangeChannel(url, db, {
    databaseId: await readDatabaseId(db),
    onKeyChange: () => {},
    onTableChange: async () => {},
    async onChange(changed) {
      await sleep(options.applyMs ?? 0)
      heard.push(changed)
    },
    onStrangers: () => warnings++,
    ...(options.strangersAfterMs === undefined ? {} : { strangersAfterMs: options.strangersAfterMs }),
  })
  onTestFinished(() => channel.close())
  if (options.epoch !== undefined) channel.join(options.epoch)
  await expect.poll(channel.isLive, { timeout: 10_000 }).toBe(true)
  heard.length = 0
  return { channel, heard, warnings: () => warnings }
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

describe.skipIf(template.kind === 'embedded')('servers on one database', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(template)
  })
  afterAll(() => database.close())

  test('what their common Redis has told is not told again', async () => {
    const [one, other] = [
      await open(database, database.url, { epoch: 'e', strangersAfterMs: 0 }),
      await open(database, database.url, { epoch: 'e', strangersAfterMs: 0 }),
    ]
    await one.channel.tellStrangers(['card:1'], 'e')
    await sleep(1100)
    expect([other.heard, one.warnings(), other.warnings()]).toEqual([[], 0, 0])
  })

  test.each([
    ['another Redis', 'f'],
    ['none', undefined],
  ])('a server with %s has applied a change when it counts as told', async (_, epoch) => {
    const one = await open(database, database.url, { epoch: 'e', strangersAfterMs: 0 })
    const other = await open(database, database.url, { applyMs: 100, strangersAfterMs: 0, ...(epoch && { epoch }) })
    await one.channel.tellStrangers(['card:1'], 'e')
    expect([other.channel.isLive(), other.heard]).toEqual([false, []])
    await expect.poll(other.channel.isLive, { interval: 1 }).toBe(true)
    expect(other.heard).toEqual([['card:1']])
    await expect.poll(() => [one.warnings(), other.warnings()]).toEqual([1, 1])
    await sleep(1100)
    expect([one.warnings(), other.warnings()]).toEqual([1, 1])
  })

  test('a release that tells no medium counts as a server with none', async () => {
    const one = await open(database, database.url, { epoch: 'e', strangersAfterMs: 0 })
    await database.db.connection().execute(async (session) => {
      await sql`select pg_advisory_lock_shared(${0x68_65_72_65})`.execute(session)
      await expect.poll(one.warnings).toBe(1)
      await sql`select pg_advisory_unlock_shared(${0x68_65_72_65})`.execute(session)
    })
  })

  test('a server that joins another epoch is not live until others know, whenever a change is told', async () => {
    const one = await open(database, database.url, { epoch: 'e 0' })
    const other = await open(database, database.url, { epoch: 'e 0' })
    for (let round = 1; round <= 30; round++) {
      const tag = `card:${round}`
      // From this moment on the Redis of the other one does not hear what the first one's is told.
      other.channel.join(`e ${round}`)
      expect(other.channel.isLive()).toBe(false)
      await sleep(Math.random() * 20)
      const wasLive = other.channel.isLive()
      other.heard.length = 0
      await one.channel.tellStrangers([tag], `e ${round - 1}`)
      while (!other.channel.isLive()) await setImmediate()
      // One that was not live may have begun with an empty memory since.
      if (wasLive || !other.heard.includes('all')) expect(other.heard).toContainEqual([tag])
      one.channel.join(`e ${round}`)
      await expect.poll(one.channel.isLive, { interval: 1 }).toBe(true)
      const before = other.heard.length
      await one.channel.tellStrangers(['not again'], `e ${round}`)
      expect(other.heard.slice(before)).not.toContainEqual(['not again'])
    }
  })

  test('a start and a new connection to the same server make no write wait', async () => {
    const one = await open(database, database.url)
    expect(one.channel.isAlone()).toBe(true)
    expect(await timed(one.channel.waitForOthers())).toBeLessThan(1000)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'extropy changes'`.execute(database.db)
    await expect.poll(one.channel.isLive).toBe(false)
    await expect.poll(one.channel.isAlone).toBe(true)
    expect(await timed(one.channel.waitForOthers())).toBeLessThan(1000)
  })
})

if (noServersBecause !== undefined) test.skip(`a promotion is not tested: ${noServersBecause}`)

describe.skipIf(template.kind === 'embedded' || noServersBecause !== undefined)('after a promotion', () => {
  let cluster: Cluster
  beforeEach(async () => {
    cluster = await createCluster()
    await cluster.primary.query('create database extropy')
  }, 60_000)
  afterEach(() => cluster.close())

  test.each(['the address of the writes', 'an address of its own'])(
    'a change counts as told when those who still use the old primary are past their lease: %s',
    async (which) => {
      const { primary, standbys } = cluster
      const [standby = primary] = standbys
      const url = `postgres://postgres@${primary.host},${standby.host}/extropy?target_session_attrs=read-write`
      const database = await createDatabase({ url, replicaUrls: [standby.url('extropy')] })
      onTestFinished(() => database.close())
      await migrate(database)
      await cluster.caughtUp(standby)
      const address = which === 'an address of its own' ? url : (database.address ?? url)
      const moving = await open(database, address)
      expect(await timed(moving.channel.waitForOthers())).toBeLessThan(1000)
      expect(database.timeline?.()).toBe(1)

      // It is not fenced: whoever has not looked yet goes on there.
      const promotedAt = performance.now()
      await standby.promote()
      const isThere = async () =>
        (await sql<{ port: number }>`select inet_server_port() as port`.execute(database.db)).rows[0]?.port
      await expect.poll(() => isThere().catch(() => undefined), { timeout: 10_000 }).toBe(standby.port)
      expect(database.timeline?.()).toBe(2)
      const starting = await open(database, address)
      const atWhatMs = (told: Promise<void>) => told.then(() => performance.now() - promotedAt)
      const times = await Promise.all([moving.channel.tell(['card:1']), starting.channel.waitForOthers()].map(atWhatMs))
      for (const ms of times) expect(ms).toBeGreaterThan(3500)
      expect(starting.heard).toContainEqual(['card:1'])
      expect(await timed(moving.channel.tell(['card:2']))).toBeLessThan(1000)

      await standby.query('checkpoint')
      await sleep(5000)
      const later = await open(database, address)
      expect(await timed(later.channel.waitForOthers())).toBeLessThan(1000)
    },
    60_000,
  )
})
