import { LRUCache } from 'lru-cache'
import { Piscina } from 'piscina'
import type { Problem } from '../fetch/fetched.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { robotName } from '../fetch/user-agent.ts'
import type { HostLanes } from '../lanes/host-lanes.ts'
import { fetchRules, type Rules } from './fetch-rules.ts'
import type { RobotsQuestion, RobotsReading } from './read-robots.ts'

export interface RobotsVerdict {
  readonly allowed: boolean
  readonly basis: 'rules' | 'no-rules' | 'unreadable'
  /** Why not. */
  readonly problem?: Problem
  /** As the file asks for, capped. */
  readonly crawlDelayMs?: number
  readonly sitemaps: readonly string[]
}

export interface Robots {
  /** Whether robots.txt lets us ask for this address. Rejects with the signal's reason only. */
  check(url: URL, signal?: AbortSignal): Promise<RobotsVerdict>
  close(): Promise<void>
}

export interface RobotsOptions {
  readonly guardedFetch: GuardedFetch
  readonly lanes: HostLanes
  readonly minIntervalMs?: number
  /** A longer Crawl-delay counts as this. */
  readonly maxCrawlDelayMs?: number
  /** For tests. */
  readonly readLimitMs?: number
}

const dayMs = 24 * 3600_000
/** A host whose robots.txt fails is asked for it again after this, or after its own Retry-After. */
const retryMs = 5 * 60_000
/** Of files in memory: some thousands of usual ones. */
const cacheBytes = 16 * 1024 ** 2

export function createRobots({
  guardedFetch,
  lanes,
  minIntervalMs = 1000,
  maxCrawlDelayMs = 60_000,
  readLimitMs = 2000,
}: RobotsOptions): Robots {
  const cache = new LRUCache<string, Rules>({
    max: 10_000,
    maxSize: cacheBytes,
    sizeCalculation: (rules) => 200 + (rules.kind === 'text' ? 2 * rules.text.length : 0),
  })
  const flights = new Map<string, Flight>()
  const reader = createReader(readLimitMs)

  const rulesFor = async (origin: string, signal?: AbortSignal): Promise<Rules> => {
    const known = cache.get(origin)
    if (known) return known
    let flight = flights.get(origin)
    if (!flight) {
      flight = startFlight((ended) => fetchRules(origin, { guardedFetch, lanes, minIntervalMs }, ended))
      flights.set(origin, flight)
      const own = flight
      own.result
        .then((rules) => {
          const ttl = rules.kind === 'problem' ? Math.min(rules.problem.retryAfterMs ?? retryMs, dayMs) : dayMs
          if (rules.kind !== 'problem' || rules.keep) cache.set(origin, rules, { ttl: Math.max(ttl, 1) })
        })
        .catch(() => undefined)
        .finally(() => {
          if (flights.get(origin) === own) flights.delete(origin)
        })
    }
    return flight.join(signal, () => {
      if (flights.get(origin) === flight) flights.delete(origin)
    })
  }

  return {
    async check(url, signal) {
      const rules = await rulesFor(url.origin, signal)
      if (rules.kind === 'problem') return unreadable(rules.problem)
      if (rules.kind === 'none' || url.pathname === '/robots.txt')
        return { allowed: true, basis: 'no-rules', sitemaps: [] }
      const robotsUrl = `${url.origin}/robots.txt`
      const reading = await reader.read({ robotsUrl, text: rules.text, url: url.href, robotName })
      signal?.throwIfAborted()
      if (reading === undefined) {
        const problem = tooComplex(url.host)
        cache.set(url.origin, { kind: 'problem', problem, keep: true }, { ttl: dayMs })
        return unreadable(problem)
      }
      return verdictOf(reading, robotsUrl, maxCrawlDelayMs)
    },
    close: reader.close,
  }
}

function verdictOf(
  { allowed, crawlDelaySeconds = 0, sitemaps }: RobotsReading,
  robotsUrl: string,
  maxDelayMs: number,
): RobotsVerdict {
  const crawlDelayMs = Math.min(crawlDelaySeconds * 1000, maxDelayMs)
  return {
    allowed,
    basis: 'rules',
    ...(!allowed && {
      problem: { outcome: 'refused', reason: 'robots-disallowed', message: `${robotsUrl} asks not to fetch this.` },
    }),
    ...(crawlDelayMs > 0 && { crawlDelayMs }),
    sitemaps: [...new Set(sitemaps.flatMap((text) => webAddress(text, robotsUrl)))],
  }
}

function webAddress(text: string, base: string): string[] {
  const url = URL.parse(text, base)
  return url && /^https?:$/.test(url.protocol) ? [url.href] : []
}

const unreadable = (problem: Problem): RobotsVerdict => ({ allowed: false, basis: 'unreadable', problem, sitemaps: [] })

const tooComplex = (host: string): Problem => ({
  outcome: 'refused',
  reason: 'robots-too-complex',
  message: `robots.txt of ${host} takes too long to be understood, so nothing is asked there.`,
})

/** Reads in a thread, one file after the other: the limit is each one's own, without the wait for those before it. */
function createReader(limitMs: number) {
  const pool = new Piscina<RobotsQuestion, RobotsReading>({
    filename: new URL('./robots.worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 10_000,
  })
  let last: Promise<unknown> = Promise.resolve()
  return {
    /** Undefined where it takes too long. */
    read(question: RobotsQuestion): Promise<RobotsReading | undefined> {
      const reading = last.then(async () => {
        const limit = AbortSignal.timeout(limitMs)
        try {
          return await pool.run(question, { signal: limit })
        } catch (error) {
          if (limit.aborted) return undefined
          throw error
        }
      })
      last = reading.catch(() => undefined)
      return reading
    },
    close: () => pool.destroy(),
  }
}

interface Flight {
  readonly result: Promise<Rules>
  /** Waits for the result. When all who waited have gone, the flight ends, and `abandoned` is called. */
  join(signal: AbortSignal | undefined, abandoned: () => void): Promise<Rules>
}

function startFlight(run: (ended: AbortSignal) => Promise<Rules>): Flight {
  const controller = new AbortController()
  const result = run(controller.signal)
  let waiting = 0
  return {
    result,
    join(signal, abandoned) {
      waiting++
      return new Promise((resolve, reject) => {
        const leave = () => {
          reject(signal?.reason)
          if (--waiting > 0) return
          abandoned()
          controller.abort(new Error('nobody waits for robots.txt any more'))
        }
        if (signal?.aborted) return leave()
        signal?.addEventListener('abort', leave, { once: true })
        result.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave))
      })
    },
  }
}
