import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { HostLanes } from '@extropy/intake'
import { startLoopbackSite } from '@extropy/intake/testing'
import { testHostLanes } from '@extropy/intake/testing/host-lanes-contract'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { createDatabaseLanes } from './database-lanes.ts'

const template = inject('databaseTemplate')
let database: TestDatabase
let statements = 0
beforeAll(async () => {
  database = await createTestDatabase(template, {
    onQuery({ sql }) {
      if (sql.includes('host_lanes')) statements++
    },
  })
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.db.deleteFrom('hostLanes').execute()
})

testHostLanes('in the database', async () => ({
  lanes: createDatabaseLanes(database.db),
  close: async () => {
    await database.db.deleteFrom('hostLanes').execute()
  },
}))

/** Two of them know nothing of each other but what the database says: as two processes. */
const twoProcesses = (options = {}) =>
  [createDatabaseLanes(database.db, options), createDatabaseLanes(database.db, options)] as const

describe('processes on one database', () => {
  test('are never in a lane at the same time, and keep the interval between one’s release and the other’s start', async () => {
    const intervalMs = 60
    const turns: { start: number; end: number }[] = []
    const hold = async (lanes: HostLanes) => {
      const release = await lanes.acquire('a:80', intervalMs)
      const start = performance.now()
      await new Promise((resolve) => setTimeout(resolve, 10))
      turns.push({ start, end: performance.now() })
      release()
    }
    await Promise.all(twoProcesses().flatMap((lanes) => [hold(lanes), hold(lanes), hold(lanes)]))
    const gaps = turns.slice(1).map(({ start }, index) => start - (turns[index]?.end ?? 0))
    expect(gaps).toHaveLength(5)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs - 1)
  })

  test('keep a pause that another was asked for', async () => {
    const [one, other] = twoProcesses()
    const release = await one.acquire('a:80', 0)
    release(60_000)
    await expect.poll(() => other.waitMs('a:80', 1000)).toBeGreaterThan(50_000)
    await expect(other.acquire('a:80', 0, AbortSignal.timeout(100))).rejects.toThrow()
    await expect.poll(() => held('a:80')).toBe(false)
  })

  test('go on when the holder was killed, and not before its lease has run out', async () => {
    const [killed, other] = twoProcesses({ leaseMs: 300 })
    const startedAt = performance.now()
    const release = await killed.acquire('a:80', 0)
    const second = await other.acquire('a:80', 0)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299)
    // The late release of the one that was thought dead gives nobody else's turn away.
    release()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await held('a:80')).toBe(true)
    second()
  })

  test('ask the database a few times an interval at most, however many wait', async () => {
    const [one, other] = twoProcesses()
    const release = await one.acquire('a:80', 1000)
    const signal = AbortSignal.timeout(1600)
    statements = 0
    await Promise.allSettled(Array.from({ length: 50 }, () => other.acquire('a:80', 1000, signal)))
    // At 0, 500, 1,000 and 1,500 ms.
    expect(statements).toBeGreaterThan(0)
    expect(statements).toBeLessThan(6)
    release()
  })
})

test.runIf(template.kind === 'postgres')('two processes ask a site as one would, by the site’s own log', async () => {
  const site = await startLoopbackSite({ '*': { body: 'text', delayMs: 30 } })
  onTestFinished(() => site.close())
  const intervalMs = 150
  const program = fileURLToPath(new URL('./testing/visit-in-child.ts', import.meta.url))
  const visit = (name: string) =>
    promisify(execFile)(process.execPath, [program, database.url, site.origin, name, String(intervalMs)])
  const results = await Promise.all([visit('one'), visit('two')])
  expect(results.map(({ stdout }) => stdout)).toEqual(['ok ok ok ok ok', 'ok ok ok ok ok'])
  const { requests } = site
  // Ten pages, and robots.txt for each.
  expect(requests).toHaveLength(12)
  for (const [index, { startedAt }] of requests.slice(1).entries()) {
    expect(startedAt - (requests[index]?.endedAt ?? Number.NaN)).toBeGreaterThanOrEqual(intervalMs - 5)
  }
  const names = requests.map(({ path }) => path.slice(1, 4)).filter((name) => name === 'one' || name === 'two')
  expect(new Set(names.slice(0, 5)).size).toBe(2)
})

async function held(lane: string): Promise<boolean> {
  const row = await database.db
    .selectFrom('hostLanes')
    .select('holder')
    .where('lane', '=', lane)
    .executeTakeFirstOrThrow()
  return row.holder !== null
}
