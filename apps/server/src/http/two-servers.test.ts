import { type Deps, sizeOfPayload } from '@extropy/api'
import { createTestDeps, createWorld, publishCard, type World } from '@extropy/api/testing'
import { type Cache, createCache } from '@extropy/cache'
import { createRedisStore } from '@extropy/cache/redis'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { get } from '../testing/read-write.ts'
import { type App, createApp } from './app.ts'

/** Set: see vitest.config.ts. */
const url = process.env.TEST_REDIS_URL as string
const prefix = `two-servers-${Math.random().toString(36).slice(2)}`
const caches: Cache[] = []
let database: TestDatabase
let world: World
/** Two servers on one database and one Redis, each with a memory of its own. */
let here: App
let there: App

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const serve = async (): Promise<[Deps, App]> => {
    const cache = createCache({ sizeOf: sizeOfPayload, shared: createRedisStore({ url, prefix }) })
    caches.push(cache)
    await vi.waitFor(() => expect(cache.stats().shared?.state).toBe('online'), 5000)
    const deps = { ...(await createTestDeps(database)), cache }
    return [deps, createApp(deps, pino({ level: 'silent' }), { anonymousPerHour: 1e9 })]
  }
  const [deps, first] = await serve()
  here = first
  world = await createWorld(deps)
  there = (await serve())[1]
})
afterAll(async () => {
  for (const cache of caches) await cache.close()
  await database.close()
})

test('an answer that one server has loaded comes to the other from Redis', async () => {
  expect((await get(here, '/api/cards?limit=9')).cause).toBe('absent')
  expect((await get(there, '/api/cards?limit=9')).cause).toBe('shared')
  expect((await get(there, '/api/cards?limit=9')).cause).toBe('fresh')
})

test('a write on one server is never followed by an old answer of the other, in 100 rounds', async () => {
  const apps = [here, there] as const
  const { owner } = world
  for (let round = 0; round < 100; round++) {
    const [writer, reader] = round % 2 === 0 ? apps : [there, here]
    const path = `/api/users/${owner.userId}`
    for (const app of apps) await get(app, path)
    const bio = `In round ${round}`
    const response = await writer.hono.request(path, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${owner.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ bio }),
    })
    expect(response.status).toBe(200)
    expect(JSON.parse((await get(reader, path)).body)).toMatchObject({ bio })
  }
})

test('a list shows the card that the other server has just published', async () => {
  for (const app of [here, there]) await get(app, '/api/cards?limit=4')
  // Through the deps of the first server.
  const title = 'Published over there'
  const id = await publishCard(world.owner, title)
  expect((await get(there, '/api/cards?limit=4')).body).toContain(id)
})
