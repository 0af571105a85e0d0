import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake, type Intake } from '@extropy/intake'
import { type LoopbackSite, startLoopbackSite } from '@extropy/intake/testing'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { enqueueAll } from '../jobs/enqueue.ts'
import { whenEnded } from '../jobs/jobs.events.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { refreshJob } from './look.job.ts'

const concurrency = 6

let database: TestDatabase
let sites: LoopbackSite[]
let intake: Intake
let deps: Deps
let ada: TestAccount
let worker: Worker
/** Kinds of the runs that are on, and the most of them at once. */
let running: string[]
let mostLooks: number

beforeEach(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  sites = await Promise.all(
    Array.from({ length: concurrency + 2 }, () => startLoopbackSite({ '/robots.txt': { status: 404 } })),
  )
  intake = createIntake({ allowPrivate: sites.map(({ host }) => host), minIntervalMs: 0 })
  deps = { ...(await createTestDeps(database)), intake, scrapeWaitMs: 60_000 }
  ada = await createAccount(deps)
  running = []
  mostLooks = 0
  worker = openWorker(deps, {
    jobs: appJobs,
    concurrency,
    onStarted({ kind }) {
      running.push(kind)
      mostLooks = Math.max(mostLooks, running.filter((each) => each === refreshJob.kind).length)
    },
    onEnded: ({ kind }) => running.splice(running.indexOf(kind), 1),
  })
})
afterEach(async () => {
  await worker.close()
  await intake.close()
  await Promise.all(sites.map((site) => site.close()))
  await database.close()
})

const target = (url: string) => ({ platform: 'rss' as const, kind: 'feed', key: url, url, label: 'feed' })
const page = (title: string) =>
  `<html><head><title>${title}</title></head><body><article><h1>${title}</h1>${'<p>The moon raises the tides in most harbours, twice a day, and the sun helps it when both stand in a line with the earth.</p>'.repeat(8)}</article></body></html>`

test('hosts that never answer leave places to everything else, and to looks that somebody waits for', async () => {
  const [quick, ...slow] = sites as [LoopbackSite, ...LoopbackSite[]]
  quick.set('/page', page('Tides'))
  for (const site of slow) site.set('/feed.xml', () => {})
  const inputs = slow.map(({ origin }) => ({ target: target(`${origin}/feed.xml`), sourceId: null, limit: 20 }))
  await enqueueAll(deps.db, refreshJob, inputs)
  worker.hear('')
  await expect.poll(() => running.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(concurrency - 4)
  expect(await ada.as().scrape.fetch({ platform: 'web', target: `${quick.origin}/page` })).toMatchObject({
    status: 'success',
  })
  const handedOver = { platform: 'web' as const, target: `${slow[0]?.origin}/wall`, html: page('Behind the wall') }
  const read = await ada.as().scrape.fetch(handedOver)
  expect(read).toMatchObject({ status: 'success' })
  const { lanes } = await deps.db
    .selectFrom('jobs')
    .select('lanes')
    .where('id', '=', read.job_id)
    .executeTakeFirstOrThrow()
  expect(lanes.filter((lane) => lane.includes('host:'))).toEqual([])
  expect(mostLooks).toBe(concurrency - 4)
})

test('a look whose host is to be left alone waits in the queue, and counts no run', async () => {
  const [site] = sites as [LoopbackSite]
  site.set('/busy', { status: 503, headers: { 'retry-after': '120' } })
  await ada.as().scrape.fetch({ platform: 'web', target: `${site.origin}/busy` })
  const before = site.requests.length
  const { jobId } = await ada.as().sources.create({ target: `${site.origin}/feed.xml`, platform: 'rss' })
  const job = () => whenEnded(deps.db, jobId as string, { waitMs: 0 })
  await expect
    .poll(async () => Date.parse((await job()).runAfter) - Date.parse((await job()).createdAt), { timeout: 30_000 })
    .toBeGreaterThan(30_000)
  expect(await job()).toMatchObject({ status: 'queued', attempt: 0, error: null })
  expect(site.requests.length).toBe(before)
})
