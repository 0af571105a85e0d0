import { createAllowPrivate } from './allow-private.ts'
import { type FetchLimits, runAttempt } from './attempt.ts'
import type { FetchRequest } from './fetch-request.ts'
import { type Fetched, type Problem, Stop } from './fetched.ts'
import { addressesOf } from './guarded-connect.ts'
import { createResolve, type Resolve } from './resolve.ts'
import { checkTarget } from './target.ts'
import { userAgent } from './user-agent.ts'

export interface GuardedFetchOptions {
  /** USER_AGENT_CONTACT: a URL or a mail address. */
  readonly contact?: string
  /** FETCH_ALLOW_PRIVATE: hosts or host:port that may be at home. */
  readonly allowPrivate?: readonly string[]
  /** Open for every host, beside 80, 443, 8080 and 8443. */
  readonly extraPorts?: readonly number[]
  readonly resolve?: Resolve
  readonly limits?: Partial<FetchLimits>
  readonly now?: () => number
}

export interface GuardedFetch {
  /**
   * Gets what is at an address, or says why not. Throws for two things only: a request that cannot be made (`TypeError`), and the
   * reason of `signal`, or of `close`, when that ended it.
   */
  fetch(url: string | URL, request?: FetchRequest): Promise<Fetched>
  /** Why an address may not be asked, or cannot be found; undefined where it may. Nothing is sent, and `fetch` looks again. */
  check(url: string | URL): Promise<Problem | undefined>
  /** Ends what is running, and frees every socket. */
  close(): Promise<void>
}

/**
 * The door to the outside: everything that asks another server does so here.
 *
 * @example
 * const door = createGuardedFetch({ contact: 'https://example.org/bot' })
 * const fetched = await door.fetch('https://example.org/feed.xml', { etag: known.etag })
 * if (fetched.outcome === 'ok') read(fetched.body)
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const environment = {
    allow: createAllowPrivate(options.allowPrivate ?? [], options.extraPorts),
    resolve: options.resolve ?? createResolve(),
    now: options.now ?? Date.now,
    userAgent: userAgent(options.contact),
    limits: {
      maxRedirects: 5,
      timeoutMs: 20_000,
      maxBytes: 10 * 1024 ** 2,
      maxHeaderBytes: 32 * 1024,
      ...options.limits,
    },
  }
  const running = new Map<AbortController, Promise<Fetched>>()
  let closed = false
  return {
    async fetch(url, request = {}) {
      if (closed) throw new Error('The guarded fetch is closed.')
      request.signal?.throwIfAborted()
      const controller = new AbortController()
      const abort = () => controller.abort(request.signal?.reason)
      request.signal?.addEventListener('abort', abort, { once: true })
      const attempt = runAttempt(url, request, environment, controller.signal)
      running.set(controller, attempt)
      try {
        return await attempt
      } finally {
        running.delete(controller)
        request.signal?.removeEventListener('abort', abort)
      }
    },
    async check(url) {
      try {
        await addressesOf(checkTarget(url, environment.allow), environment)
        return undefined
      } catch (error) {
        if (error instanceof Stop) return error.problem
        throw error
      }
    },
    async close() {
      closed = true
      for (const controller of running.keys()) controller.abort(new Error('The guarded fetch was closed.'))
      await Promise.allSettled(running.values())
    },
  }
}
