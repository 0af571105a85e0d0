import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuardedFetch, type GuardedFetch } from '../fetch/guarded-fetch.ts'
import { createMemoryLanes } from '../lanes/memory-lanes.ts'
import { createRobots, type Robots } from '../robots/robots.ts'
import { type LoopbackSite, startLoopbackSite } from '../testing/loopback-site.ts'
import { createVisitor, type Visited } from './visitor.ts'

const hosts = 20
const workers = 50
const pagesPerHost = 4
/** Half of the hosts ask for more than we promise anyway. */
const intervalMs = (host: number) => (host % 2 === 0 ? 1000 : 1500)

describe('50 workers and 20 hosts', () => {
  let sites: LoopbackSite[]
  let door: GuardedFetch
  let robots: Robots
  const visits: { host: number; path: string; visited: Visited }[] = []

  beforeAll(async () => {
    sites = await Promise.all(
      Array.from({ length: hosts }, (_, host) =>
        startLoopbackSite({
          '/robots.txt': `User-agent: *\nDisallow: /private\n${host % 2 === 0 ? '' : 'Crawl-delay: 1.5\n'}`,
          // Quick and slow answers by turns, which would let starts slip closer together.
          '*': { body: 'text', etag: `"${host}"`, delayMs: host * 7 },
        }),
      ),
    )
    door = createGuardedFetch({ allowPrivate: sites.map(({ host }) => host) })
    const lanes = createMemoryLanes()
    robots = createRobots({ guardedFetch: door, lanes })
    const visitor = createVisitor({ guardedFetch: door, robots, lanes })
    const jobs = Array.from({ length: pagesPerHost }, (_, page) =>
      sites.map((site, host) => {
        const path = page === 1 ? '/private/page' : `/page${page}`
        return async () => {
          const visited = await visitor.visit(site.origin + path, page === 3 ? { etag: `"${host}"` } : {})
          visits.push({ host, path, visited })
        }
      }),
    ).flat()
    const work = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await job()
    }
    await Promise.all(Array.from({ length: workers }, work))
  }, 60_000)
  afterAll(async () => {
    await robots.close()
    await door.close()
    await Promise.all(sites.map((site) => site.close()))
  })

  it('finish their work: pages, 304 for a known ETag, refusals', () => {
    const outcomes = Map.groupBy(visits, ({ visited }) => visited.outcome)
    expect([...outcomes].map(([outcome, { length }]) => [outcome, length]).sort()).toEqual([
      ['ok', hosts * 2],
      ['refused', hosts],
      ['unchanged', hosts],
    ])
    expect(outcomes.get('refused')?.every(({ path }) => path === '/private/page')).toBe(true)
  })

  it('never ask a host more often than promised, by its own log', async ({ annotate }) => {
    const gaps = sites.flatMap(({ requests }, host) =>
      requests.slice(1).map(({ startedAt }, index) => startedAt - (requests[index]?.startedAt ?? 0) - intervalMs(host)),
    )
    expect(gaps).toHaveLength(hosts * (pagesPerHost - 1))
    await annotate(`shortest gap between two requests to a host, over its promise: ${Math.min(...gaps).toFixed(1)} ms`)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0)
  })

  it('never have two requests in flight at a host, by its own log', () => {
    for (const { requests } of sites) {
      for (const [index, { startedAt }] of requests.slice(1).entries()) {
        expect(requests[index]?.endedAt).toBeLessThanOrEqual(startedAt)
      }
    }
  })

  it('ask for robots.txt once a host, and never for what it refuses', () => {
    for (const { requests } of sites) {
      expect(requests.filter(({ path }) => path === '/robots.txt')).toHaveLength(1)
      expect(requests.filter(({ path }) => path.startsWith('/private'))).toHaveLength(0)
    }
  })
})
