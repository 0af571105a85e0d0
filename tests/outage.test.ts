import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWire, type Wire } from './wire.ts'

let template: Template
let database: TestDatabase
let wire: Wire
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
  database = await createTestDatabase(template)
  wire = await createWire(new URL(database.url))
  server = await startServer({ DATABASE_URL: wire.url.href })
})
afterAll(async () => {
  server.child.kill('SIGTERM')
  expect(await server.exit()).toBe(0)
  await wire.cut()
  await database.close()
  await removeTemplate(template)
})

/** Past the cache. */
const list = () => fetch(`${server.url}/api/contents?limit=1`, { headers: { 'cache-control': 'no-cache' } })
const keptList = async () => (await fetch(`${server.url}/api/contents?limit=2`)).headers.get('x-cache')
const search = () => fetch(`${server.url}/query/rag?prompt=anything`)

test('an absent database gives 503 with Retry-After, and the server recovers without a restart', async () => {
  expect((await list()).status).toBe(200)
  expect(await keptList()).toBe('MISS')
  await wire.cut()
  // Other servers may be making changes that this one does not hear of.
  await expect.poll(keptList).toBe(null)
  for (let attempt = 0; attempt < 3; attempt++) {
    const refused = await list()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    const { error } = (await refused.json()) as { error: { data: unknown } }
    expect(error.data).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      reason: 'database_unavailable',
      path: 'contents.list',
    })
  }
  const rpc = await fetch(`${server.url}/trpc/contents.list`)
  expect([rpc.status, rpc.headers.get('retry-after')]).toEqual([503, '5'])
  await wire.mend()
  expect((await list()).status).toBe(200)
  await expect.poll(keptList).toBe('HIT')
})

test('connections cut again and again under load fail only the requests in flight, with 503', async () => {
  const statuses = new Map<number, number>()
  let cutting = true
  const callers = Array.from({ length: 8 }, async (_, n) => {
    while (cutting) {
      // A search holds a connection over several statements: the harder moment to lose one.
      const { status } = await (n % 2 === 0 ? search() : list())
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })
  for (let round = 0; round < 5; round++) {
    await sleep(150)
    await wire.cut()
    await wire.mend()
  }
  cutting = false
  await Promise.all(callers)
  expect([...statuses.keys()].sort()).toEqual([200, 503])
  expect((await search()).status).toBe(200)
  expect(server.child.exitCode).toBe(null)
})
