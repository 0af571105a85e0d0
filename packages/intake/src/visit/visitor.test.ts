import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGuardedFetch, type GuardedFetch } from '../fetch/guarded-fetch.ts'
import { createMemoryLanes } from '../lanes/memory-lanes.ts'
import { createRobots, type Robots } from '../robots/robots.ts'
import { redirect } from '../testing/hostile-routes.ts'
import { type LoopbackSite, startLoopbackSite } from '../testing/loopback-site.ts'
import { createVisitor, type Visitor } from './visitor.ts'

const minIntervalMs = 50

describe('a visitor', () => {
  let site: LoopbackSite
  let other: LoopbackSite
  let door: GuardedFetch
  let robots: Robots
  let visitor: Visitor

  beforeEach(async () => {
    site = await startLoopbackSite({ '/page': 'text' })
    other = await startLoopbackSite({
      '/page': 'text',
      '/robots.txt': 'User-agent: *\nDisallow: /private\nCrawl-delay: 0.2',
    })
    door = createGuardedFetch({ allowPrivate: [site.host, other.host] })
    const lanes = createMemoryLanes()
    robots = createRobots({ guardedFetch: door, lanes, minIntervalMs })
    visitor = createVisitor({ guardedFetch: door, robots, lanes, minIntervalMs })
  })
  afterEach(async () => {
    await robots.close()
    await door.close()
    await site.close()
    await other.close()
  })
  const paths = ({ requests }: LoopbackSite) => requests.map(({ path }) => path)

  it('asks robots.txt first, waits, and then takes the page', async () => {
    const visited = await visitor.visit(`${site.origin}/page`)
    expect(visited).toMatchObject({ outcome: 'ok', robotsVerdict: { allowed: true, basis: 'no-rules' } })
    expect(visited.waitedMs).toBeGreaterThanOrEqual(minIntervalMs)
    expect(paths(site)).toEqual(['/robots.txt', '/page'])
  })

  it('never asks for what robots.txt refuses, unless it is told that the site is its own', async () => {
    const visited = await visitor.visit(`${other.origin}/private/page`)
    expect(visited).toMatchObject({
      outcome: 'refused',
      reason: 'robots-disallowed',
      robotsVerdict: { allowed: false },
    })
    expect(paths(other)).toEqual(['/robots.txt'])
    expect(await visitor.visit(`${other.origin}/private/page`, { robots: 'ignore' })).toMatchObject({ outcome: 'gone' })
    expect(paths(other)).toEqual(['/robots.txt', '/private/page'])
  })

  it('lets nobody switch off the guard', async () => {
    for (const url of ['http://127.0.0.1:8080/', 'file:///etc/passwd']) {
      // Not even a lane is asked: what the address itself tells is known before.
      expect(await visitor.visit(url, { robots: 'ignore' })).toMatchObject({ outcome: 'refused', waitedMs: 0 })
    }
  })

  it('obeys the robots.txt of each host that a redirect leads to', async () => {
    site.set('/away', redirect(`${other.origin}/private/page`))
    const visited = await visitor.visit(`${site.origin}/away`)
    expect(visited).toMatchObject({
      outcome: 'refused',
      reason: 'robots-disallowed',
      url: `${other.origin}/private/page`,
    })
    expect(paths(other)).toEqual(['/robots.txt'])
  })

  it('waits in the lane for each hop on the same host, as long as that asks', async () => {
    other.set('/hop', redirect('/page'))
    await visitor.visit(`${other.origin}/hop`)
    const starts = other.requests.map(({ startedAt }) => startedAt)
    expect(paths(other)).toEqual(['/robots.txt', '/hop', '/page'])
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(200)
    expect((starts[2] ?? 0) - (starts[1] ?? 0)).toBeGreaterThanOrEqual(200)
  })

  it('leaves a host alone for as long as its Retry-After says', async () => {
    site.set('/busy', { status: 429, headers: { 'retry-after': '1' } })
    const busy = await visitor.visit(`${site.origin}/busy`)
    expect(busy).toMatchObject({ outcome: 'blocked', retryAfterMs: 1000 })
    expect(await visitor.visit(`${site.origin}/page`, { maxWaitMs: 500 })).toMatchObject({
      outcome: 'refused',
      reason: 'lane-busy',
      retryAfterMs: expect.any(Number),
    })
    expect(await visitor.visit(`${site.origin}/page`)).toMatchObject({ outcome: 'ok' })
    const [, asked, page] = site.requests
    expect((page?.startedAt ?? 0) - (asked?.startedAt ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  it('says at once that a host wants to be left alone for longer than anybody waits', async () => {
    site.set('/busy', { status: 503, headers: { 'retry-after': '3600' } })
    await visitor.visit(`${site.origin}/busy`)
    const visited = await visitor.visit(`${site.origin}/page`)
    expect(visited).toMatchObject({ outcome: 'refused', reason: 'lane-busy' })
    expect('retryAfterMs' in visited && visited.retryAfterMs).toBeGreaterThan(3_500_000)
  })

  it('gives up waiting when its time is over, and when it is aborted', async () => {
    site.set('/slow', { delayMs: 1000 })
    const slow = visitor.visit(`${site.origin}/slow`)
    await expect.poll(() => paths(site)).toContain('/slow')
    expect(await visitor.visit(`${site.origin}/page`, { maxWaitMs: 100 })).toMatchObject({ reason: 'lane-busy' })
    const controller = new AbortController()
    const waiting = visitor.visit(`${site.origin}/page`, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(await slow).toMatchObject({ outcome: 'ok' })
    expect(paths(site)).not.toContain('/page')
  })

  it('gives up waiting for robots.txt too', async () => {
    site.set('/robots.txt', { delayMs: 1000 })
    const visited = await visitor.visit(`${site.origin}/page`, { maxWaitMs: 100 })
    expect(visited).toMatchObject({ outcome: 'refused', reason: 'lane-busy' })
  })

  it('gives the lane back whatever happens', async () => {
    site.set('/broken', (request) => request.socket.destroy())
    expect(await visitor.visit(`${site.origin}/broken`)).toMatchObject({ outcome: 'failed' })
    const controller = new AbortController()
    site.set('/hangs', () => controller.abort(new Error('enough')))
    await expect(visitor.visit(`${site.origin}/hangs`, { signal: controller.signal })).rejects.toThrow('enough')
    expect(await visitor.visit(`${site.origin}/page`)).toMatchObject({ outcome: 'ok' })
  })
})
