import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake, type Intake } from '@extropy/intake'
import { type LoopbackSite, startLoopbackSite } from '@extropy/intake/testing'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { whenEnded } from '../jobs/jobs.events.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { longestLookMs } from './look.job.ts'
import { shortestMs } from './schedule.ts'
import { findDue } from './sources.queries.ts'
import { tendJob } from './tend.job.ts'

let database: TestDatabase
let intake: Intake
let deps: Deps
let site: LoopbackSite
let ada: TestAccount
let bob: TestAccount
const workers: Worker[] = []
/** In the way of the next feeds that are read. */
let breaking: (() => Promise<never>) | undefined

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  site = await startLoopbackSite({ '/robots.txt': { status: 404 } })
  intake = createIntake({ allowPrivate: [site.host], minIntervalMs: 0 })
  const readFeed: Intake['readers']['readFeed'] = (...input) => breaking?.() ?? intake.readers.readFeed(...input)
  const readers = { ...intake.readers, readFeed }
  deps = { ...(await createTestDeps(database)), intake: { ...intake, readers }, scrapeWaitMs: 60_000 }
  ada = await createAccount(deps)
  bob = await createAccount(deps)
})
afterEach(async () => {
  breaking = undefined
  vi.restoreAllMocks()
  for (const worker of workers.splice(0)) await worker.close()
})
afterAll(async () => {
  await intake.close()
  await site.close()
  await database.close()
})

const work = (jobs = appJobs) => {
  const worker = openWorker(deps, { jobs })
  workers.push(worker)
  return worker
}
const ended = (id: string) => whenEnded(deps.db, id, { waitMs: 60_000 })
const follow = async (path: string, platform: 'web' | 'rss' = 'rss') => {
  const source = await ada.as().sources.create({ target: `${site.origin}${path}`, platform })
  return { ...source, job: await ended(source.jobId as string) }
}
const refresh = async (id: string) => ended((await ada.as().sources.refresh({ id })).id)
const source = (id: string) => ada.as().sources.byId({ id })
const asked = () => site.requests.map(({ path }) => path)

const body = 'Words enough for a post of its own. '.repeat(30)
const feed = (title = 'Harbour') => ({
  headers: { 'content-type': 'application/rss+xml' },
  body: `<rss version="2.0"><channel><title>${title}</title><item><title>Tides</title><link>https://harbour.example/1</link><description>${body}</description></item></channel></rss>`,
})

describe('a look that breaks', () => {
  test('does not, for a NUL in what a stranger says of itself', async () => {
    const item = { id: '1', url: 'https://harbour.example/nul', title: 'T', content_text: body }
    const json = { version: 'https://jsonfeed.org/version/1.1', title: 'A\0B', items: [item] }
    site.set('/nul.json', { headers: { 'content-type': 'application/feed+json' }, body: JSON.stringify(json) })
    work()
    const { id, job } = await follow('/nul.json')
    expect(job).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', title: 'AB' })
  })

  test('does not, for an address of the piece that no index holds', async () => {
    const long = `/moved?q=${Array.from({ length: 400 }, (_, n) => (n * 2654435761).toString(36)).join('')}`
    site.set('/short', { status: 302, headers: { location: long } })
    site.set(
      long,
      `<html><head><title>Moved</title><link rel="canonical" href="/short"></head><body><article><h1>Moved</h1>${`<p>${body}</p>`.repeat(3)}</article></body></html>`,
    )
    work()
    const scraped = await ada.as().scrape.fetch({ platform: 'web', target: `${site.origin}/short` })
    expect(scraped).toMatchObject({ status: 'success', count: 1 })
  })

  test('counts as a failure of its source, and its host is asked no more often for it', async () => {
    site.set('/feed.xml', feed())
    breaking = async () => {
      throw new Error('a secret of ours')
    }
    work()
    const { id, job } = await follow('/feed.xml')
    expect(job).toMatchObject({ status: 'failed', attempt: 1, error: expect.not.stringContaining('secret') })
    expect(asked().filter((path) => path === '/feed.xml')).toHaveLength(1)
    expect(await source(id)).toMatchObject({ status: 'failing', failures: 1, lastOutcome: 'failed' })
    await refresh(id)
    const { failures, nextAt, lastFetchedAt } = await source(id)
    expect(failures).toBe(2)
    expect(Date.parse(nextAt ?? '') - Date.parse(lastFetchedAt ?? '')).toBeGreaterThanOrEqual(3 * shortestMs)
    breaking = undefined
    await refresh(id)
    expect(await source(id)).toMatchObject({ status: 'active', failures: 0, lastOutcome: 'ok' })
  })

  test('for its length is one too', async () => {
    const started = Promise.withResolvers<void>()
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    const isOver = new AbortController()
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => (ms === longestLookMs ? isOver.signal : timeout(ms)))
    site.set('/long.xml', () => started.resolve())
    work()
    const following = follow('/long.xml')
    await started.promise
    isOver.abort(new DOMException('over', 'TimeoutError'))
    const { id, job } = await following
    expect(job).toMatchObject({ status: 'failed', error: 'It took longer than 8 minutes.' })
    expect(await source(id)).toMatchObject({ failures: 1, lastMessage: 'It took longer than 8 minutes.' })
  })

  test('is lost without a word: its source is not due before a while has passed', async () => {
    const { id } = await ada.as().sources.create({ target: `${site.origin}/lost.xml`, platform: 'rss' })
    await database.db
      .updateTable('sources')
      .set({ nextAt: new Date(0).toISOString() })
      .where('id', '=', id)
      .execute()
    work([tendJob])
    await ended((await enqueue(deps.db, tendJob, {}, { singletonKey: 'now' })).id)
    expect(await findDue(deps.db, { now: new Date(), most: 10 })).toEqual([])
    const { nextAt } = await source(id)
    expect(Date.parse(nextAt ?? '')).toBeGreaterThan(Date.now())
    const looks = await deps.db.selectFrom('jobs').select('id').where('kind', '=', 'sources.refresh').execute()
    expect(looks).toHaveLength(1)
  })
})

describe('a feed’s address', () => {
  test('is not where it leads for now', async () => {
    let signed = 0
    site.set('/now', (_, response) => response.writeHead(302, { location: `/signed-${++signed}` }).end())
    site.set('/signed-1', feed('Signed'))
    site.set('/signed-2', feed('Signed again'))
    work()
    const { id } = await follow('/now')
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', feedUrl: `${site.origin}/now`, title: 'Signed' })
    site.set('/signed-1', { status: 403 })
    await refresh(id)
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', title: 'Signed again' })
  })

  test('is looked for again at the site when it no longer works', async () => {
    const home = (path: string) =>
      `<html><head><link rel="alternate" type="application/rss+xml" href="${path}"></head></html>`
    site.set('/', home('/first.xml'))
    site.set('/first.xml', feed('First'))
    work()
    const { id } = await follow('/', 'web')
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', feedUrl: `${site.origin}/first.xml` })
    site.set('/', home('/second.xml'))
    site.set('/first.xml', { status: 404 })
    site.set('/second.xml', feed('Second'))
    await refresh(id)
    expect(await source(id)).toMatchObject({ lastOutcome: 'gone', failures: 1 })
    await refresh(id)
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', feedUrl: `${site.origin}/second.xml`, failures: 0 })
    // Should the feed itself move, the site stays where it is.
    site.set('/second.xml', { status: 301, headers: { location: '/third.xml' } })
    site.set('/third.xml', feed('Third'))
    await refresh(id)
    const kept = { url: `${site.origin}/`, feedUrl: `${site.origin}/third.xml` }
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', title: 'Third', ...kept })
  })
})

describe('a refresh', () => {
  test('is a job of whoever asks, also where another one has asked before', async () => {
    const { id } = await ada.as().sources.create({ target: `${site.origin}/shared.xml`, platform: 'rss' })
    const first = await ada.as().sources.refresh({ id })
    expect(await ada.as().sources.refresh({ id })).toMatchObject({ id: first.id, userId: ada.userId })
    const other = await bob.as().sources.refresh({ id })
    expect(other).toMatchObject({ userId: bob.userId })
    expect(await bob.as().jobs.byId({ id: other.id })).toMatchObject({ id: other.id })
  })
})
