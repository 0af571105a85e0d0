import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake } from '@extropy/intake'
import { type LoopbackSite, startLoopbackSite } from '@extropy/intake/testing'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createDatabaseLanes } from '../lanes/database-lanes.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { tendJob } from './tend.job.ts'

const hosts = 20
const sourcesEach = 10
const intervalMs = 100

/*
 * The real scheduler and two workers, which know of each other by the database alone: all sources are due at once, ten a host.
 */
describe('sources that are due at once', () => {
  let database: TestDatabase
  let sites: LoopbackSite[]
  let workers: { worker: Worker; close(): Promise<void> }[]

  beforeAll(async () => {
    database = await createTestDatabase(inject('databaseTemplate'))
    sites = await Promise.all(Array.from({ length: hosts }, () => startLoopbackSite(routes())))
    const deps = await createTestDeps(database)
    const rows = sites.flatMap(({ origin }) =>
      Array.from({ length: sourcesEach }, (_, n) => ({
        platform: 'rss' as const,
        kind: 'feed',
        target: `${origin}/${n}.xml`,
        url: `${origin}/${n}.xml`,
        label: `feed ${n}`,
        nextAt: new Date(0).toISOString(),
        nextReason: 'it has not been looked at yet',
      })),
    )
    await database.db.insertInto('sources').values(rows).execute()
    workers = [openOne(deps), openOne(deps)]
    await enqueue(database.db, tendJob, {}, { singletonKey: 'now' })
    await vi.waitUntil(async () => (await countLookedAt()) === hosts * sourcesEach, { timeout: 150_000, interval: 250 })
  }, 180_000)
  afterAll(async () => {
    await Promise.all(workers.map((each) => each.close()))
    await Promise.all(sites.map((site) => site.close()))
    await database.close()
  })

  const openOne = (deps: Deps) => {
    const intake = createIntake({
      allowPrivate: sites.map(({ host }) => host),
      minIntervalMs: intervalMs,
      lanes: createDatabaseLanes(database.db),
    })
    const worker = openWorker({ ...deps, intake }, { jobs: appJobs, concurrency: 25 })
    return {
      worker,
      async close() {
        await worker.close()
        await intake.close()
      },
    }
  }

  const countLookedAt = async () => {
    const { looked } = await database.db
      .selectFrom('sources')
      .select(({ fn }) => fn.count<number>('lastFetchedAt').as('looked'))
      .executeTakeFirstOrThrow()
    return Number(looked)
  }

  test('are each looked at once, and each one says when next and why', async () => {
    for (const { requests } of sites) {
      const feeds = requests.map(({ path }) => path).filter((path) => path.endsWith('.xml'))
      expect(feeds.toSorted()).toEqual(Array.from({ length: sourcesEach }, (_, n) => `/${n}.xml`).toSorted())
    }
    const left = await database.db
      .selectFrom('sources')
      .select(['lastOutcome', 'nextReason'])
      .where(({ eb, or }) => or([eb('nextAt', '<', new Date().toISOString()), eb('status', '<>', 'active')]))
      .execute()
    expect(left).toEqual([])
  })

  test('never bring a host two requests at a time, nor more of them than promised, by its own log', async ({
    annotate,
  }) => {
    const gaps = sites.flatMap(({ requests }) =>
      requests.slice(1).map(({ startedAt }, index) => startedAt - (requests[index]?.endedAt ?? Number.NaN)),
    )
    expect(gaps.length).toBeGreaterThanOrEqual(hosts * sourcesEach)
    await annotate(`shortest pause between two requests to a host: ${Math.min(...gaps).toFixed(1)} ms`)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs - 5)
  })
})

function routes() {
  const feed = (n: number) =>
    `<?xml version="1.0"?><rss version="2.0"><channel><title>Feed ${n}</title><link>https://example.org/</link><item><title>Post ${n}</title><link>https://example.org/${n}</link><description>Words of post ${n}.</description></item></channel></rss>`
  return Object.fromEntries(
    Array.from({ length: sourcesEach }, (_, n) => [
      `/${n}.xml`,
      // Quick and slow answers by turns.
      { body: feed(n), headers: { 'content-type': 'application/rss+xml' }, delayMs: (n % 3) * 15 },
    ]),
  )
}
