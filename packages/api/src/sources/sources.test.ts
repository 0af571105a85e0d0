import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake } from '@extropy/intake'
import { type LoopbackSite, startLoopbackSite } from '@extropy/intake/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'

let database: TestDatabase
let deps: Deps
let site: LoopbackSite
let worker: Worker
let ada: TestAccount
let bob: TestAccount
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  site = await startLoopbackSite(blog())
  const intake = createIntake({ allowPrivate: [site.host], minIntervalMs: 0 })
  deps = { ...(await createTestDeps(database)), intake, scrapeWaitMs: 20_000 }
  worker = openWorker(deps, { jobs: appJobs })
  ada = await createAccount(deps)
  bob = await createAccount(deps)
  admin = await createAccount(deps, { scope: 'admin' })
})
afterAll(async () => {
  await worker.close()
  await deps.intake?.close()
  await site.close()
  await database.close()
})

const prose = (subject: string) =>
  Array.from(
    { length: 6 },
    (_, n) =>
      `<p>The ${subject} of paragraph ${n} is told at some length here, so that a reader, and a program that looks for articles, can see that this is one, and no list of links.</p>`,
  ).join('')
const page = (title: string, subject: string) =>
  `<html><head><title>${title}</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body><article><h1>${title}</h1>${prose(subject)}</article></body></html>`
const item = (title: string, path: string, content: string) =>
  `<item><title>${title}</title><link>ORIGIN${path}</link><guid>ORIGIN${path}</guid><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate><content:encoded><![CDATA[${content}]]></content:encoded></item>`
const feed = (...items: string[]) =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour News</title><link>ORIGIN/</link>${items.join('')}</channel></rss>`

/** The site's address stands in its own documents, and is not known before it is there. */
function blog() {
  const withOrigin =
    (type: string, body: string, etag?: string) =>
    (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => {
      if (etag !== undefined && request.headers['if-none-match'] === etag) return response.writeHead(304).end()
      response.writeHead(200, { 'content-type': type, ...(etag === undefined ? {} : { etag }) })
      return response.end(body.replaceAll('ORIGIN', `http://${request.headers.host}`))
    }
  return {
    '/': withOrigin('text/html', page('Home', 'front page')),
    '/feed.xml': withOrigin(
      'application/rss+xml',
      feed(item('Tides', '/tides', prose('tide')), item('Gulls', '/gulls', prose('gull'))),
      '"1"',
    ),
    '/tides': withOrigin('text/html', page('Tides', 'tide')),
    '/lonely': withOrigin(
      'text/html',
      `<html><head><title>Lonely</title></head><body><article><h1>Lonely</h1>${prose('lighthouse')}</article></body></html>`,
    ),
    '/robots.txt': { body: 'User-agent: *\nDisallow: /secret\n' },
    '/secret': page('Secret', 'secret'),
    '/feed-that-is-gone.xml': { status: 410 },
    '/old-feed.xml': { status: 301, headers: { location: '/feed.xml' } },
  }
}

const follow = async (path: string, platform?: 'web' | 'rss') => {
  const source = await ada.as().sources.create({ target: `${site.origin}${path}`, ...(platform && { platform }) })
  if (source.jobId !== null) await jobEnds(source.jobId)
  return source
}

async function jobEnds(id: string) {
  worker.hear('')
  for (;;) {
    const job = await admin.as().jobs.byId({ id })
    if (job.finishedAt !== null) return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const source = (id: string) => ada.as().sources.byId({ id })
const titles = async () => (await ada.as().contents.list({ limit: 100 })).items.map(({ title }) => title).sort()

describe('a site that is followed', () => {
  test('brings the posts of its feed, is asked again as the last answer says, and changes nothing where nothing changed', async () => {
    const { id, isNew } = await follow('/')
    expect(isNew).toBe(true)
    expect(await source(id)).toMatchObject({
      platform: 'web',
      status: 'active',
      title: 'Harbour News',
      feedUrl: `${site.origin}/feed.xml`,
      lastOutcome: 'ok',
      nextReason: expect.any(String),
      failures: 0,
    })
    expect(await titles()).toEqual(['Gulls', 'Tides'])
    await jobEnds((await bob.as().sources.refresh({ id })).id)
    expect(await source(id)).toMatchObject({ lastOutcome: 'unchanged' })
    expect(site.requests.filter(({ path }) => path === '/feed.xml').at(-1)?.headers['if-none-match']).toBe('"1"')
    const { items } = await ada.as().sources.fetches({ id })
    expect(items.map(({ url, outcome }) => [url.replace(site.origin, ''), outcome])).toEqual([
      ['/feed.xml', 'unchanged'],
      ['/feed.xml', 'ok'],
      ['/', 'ok'],
    ])
    expect(items[2]).toMatchObject({ httpStatus: 200, robots: 'allowed' })
  })

  test('added twice is one source, whoever adds it and however it is written', async () => {
    const first = await follow('/')
    const again = await bob.as().sources.create({ target: `${site.origin}/?utm_source=x#top` })
    expect(again).toMatchObject({ id: first.id, isNew: false, jobId: null, addedBy: ada.userId })
  })
})

describe('the same piece', () => {
  test('of a feed and of its page is one content', async () => {
    await follow('/feed.xml', 'rss')
    const scraped = await ada.as().scrape.fetch({ platform: 'web', target: `${site.origin}/tides?utm_campaign=1` })
    expect(scraped).toMatchObject({ status: 'success', outcome: 'ok', count: 1 })
    expect(await titles()).toEqual(['Gulls', 'Tides'])
    const { sourceUrl } = await ada.as().contents.byId({ id: scraped.content_ids[0] ?? '' })
    expect(sourceUrl).toBe(`${site.origin}/tides`)
    expect(await ada.as().scrape.last({ platform: 'web', target: `${site.origin}/tides` })).toMatchObject({
      outcome: 'ok',
      content_ids: scraped.content_ids,
    })
  })

  test('at another address is an alias of the first, by its text', async () => {
    site.set(
      '/copy',
      `<html><head><title>Gulls again</title></head><body><article><h1>Gulls again</h1>${prose('gull')}</article></body></html>`,
    )
    const scraped = await ada.as().scrape.fetch({ platform: 'web', target: `${site.origin}/copy` })
    expect(scraped.count).toBe(1)
    const { sourceUrl } = await ada.as().contents.byId({ id: scraped.content_ids[0] ?? '' })
    expect(sourceUrl).toBe(`${site.origin}/gulls`)
  })
})

describe('a source that does not work', () => {
  test('that has moved for good is asked for at its new address from then on', async () => {
    const { id } = await follow('/old-feed.xml', 'rss')
    expect(await source(id)).toMatchObject({ lastOutcome: 'ok', url: `${site.origin}/feed.xml` })
    const before = site.requests.length
    await jobEnds((await ada.as().sources.refresh({ id })).id)
    expect(await source(id)).toMatchObject({ lastOutcome: 'unchanged' })
    expect(site.requests.slice(before).map(({ path }) => path)).toEqual(['/feed.xml'])
  })

  test('fails ever more rarely, says why, and nothing of it is deleted', async () => {
    const { id } = await follow('/feed-that-is-gone.xml', 'rss')
    expect(await source(id)).toMatchObject({ status: 'failing', failures: 1, lastOutcome: 'gone' })
    for (let look = 0; look < 4; look++) await jobEnds((await ada.as().sources.refresh({ id })).id)
    expect(await source(id)).toMatchObject({ status: 'gone', failures: 5 })
    site.set('/feed-that-is-gone.xml', feed(item('Back', '/back', prose('return'))).replaceAll('ORIGIN', site.origin))
    await jobEnds((await ada.as().sources.refresh({ id })).id)
    expect(await source(id)).toMatchObject({ status: 'active', failures: 0, lastOutcome: 'ok' })
    expect(await titles()).toContain('Back')
  })

  test('is never asked for what robots.txt does not allow', async () => {
    const scraped = await ada.as().scrape.fetch({ platform: 'web', target: `${site.origin}/secret` })
    expect(scraped).toMatchObject({ status: 'failed', outcome: 'refused', count: 0 })
    expect(site.requests.map(({ path }) => path)).not.toContain('/secret')
  })
})

describe('a page that is handed over', () => {
  test('is taken in without a request', async () => {
    const before = site.requests.length
    const html = page('Behind the wall', 'wall')
    const scraped = await ada.as().scrape.fetch({ platform: 'web', target: 'https://example.org/wall', html })
    expect(scraped).toMatchObject({ status: 'success', count: 1 })
    expect(site.requests.length).toBe(before)
    expect(await titles()).toContain('Behind the wall')
  })
})

describe('bad input', () => {
  test.each([
    [
      'a private address',
      { platform: 'web' as const, target: 'http://127.0.0.1:1/' },
      { status: 'failed', outcome: 'refused' },
    ],
    ['an address with a password', { platform: 'web' as const, target: 'https://u:p@example.org/' }, /password/],
    ['no address at all', { platform: 'web' as const, target: 'not a page' }, /not a web address/],
    ['nothing of this platform', { platform: 'youtube' as const, target: 'example.org' }, /no channel/],
    ['a mail address', { platform: 'rss' as const, target: 'ada@example.org' }, /mail address/],
  ])('%s is said to be that', async (_, input, expected) => {
    const scraped = ada.as().scrape.fetch(input)
    if (expected instanceof RegExp) {
      await expect(scraped).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(expected) })
    } else {
      expect(await scraped).toMatchObject(expected)
    }
  })

  test('an @handle without a platform asks for one', async () => {
    await expect(ada.as().sources.create({ target: '@ada' })).rejects.toThrow(/youtube and twitter/)
  })
})

describe('whoever added a source', () => {
  test('may change and delete it, and so may admins; nobody else', async () => {
    const { id } = await follow('/lonely')
    const change = (account: TestAccount) => account.as().sources.update({ id, paused: true })
    await expect(change(bob)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await change(ada)).toMatchObject({ status: 'paused', nextAt: null })
    expect(await admin.as().sources.update({ id, paused: false, intervalSeconds: 900 })).toMatchObject({
      status: 'active',
      intervalSeconds: 900,
    })
    await expect(bob.as().sources.delete({ id })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await ada.as().sources.delete({ id })
    await expect(source(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await titles()).toContain('Lonely')
  })
})

describe('an OPML file', () => {
  test('adds its feeds once, names what is none, and comes out again', async () => {
    const outlines = [`${site.origin}/a.xml`, `${site.origin}/b.xml`, `${site.origin}/a.xml`, 'not a feed']
      .map((url, n) => `<outline text="Feed ${n}" type="rss" xmlUrl="${url}"/>`)
      .join('')
    const opml = `<opml version="2.0"><body><outline text="Sea">${outlines}</outline></body></opml>`
    const first = await ada.as().sources.importOpml({ opml })
    expect(first).toMatchObject({ added: 2, known: 0 })
    expect(await ada.as().sources.importOpml({ opml })).toMatchObject({ added: 0, known: 2 })
    const exported = (await ada.as().sources.opml()).opml
    expect(exported).toContain(`${site.origin}/b.xml`)
    expect(exported).toContain('Sea')
    await expect(ada.as().sources.importOpml({ opml: '<p>no</p>' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})
