import type { AllowPrivate } from './allow-private.ts'
import { problemOf } from './answer.ts'
import { type AskOptions, ask, type Question } from './ask.ts'
import type { FetchRequest } from './fetch-request.ts'
import { type Answer, type Fetched, type Journey, Stop } from './fetched.ts'
import { AttemptJourney } from './journey.ts'
import { networkProblem } from './network-problem.ts'
import { type Onward, onward, requestHeaders } from './request-headers.ts'
import type { Resolve } from './resolve.ts'
import { checkTarget, type Target } from './target.ts'
import { TimeLimit } from './time-limit.ts'

export interface FetchLimits {
  readonly maxRedirects: number
  /** For all hops together, from the first look-up to the last byte. */
  readonly timeoutMs: number
  /** Unpacked. */
  readonly maxBytes: number
  readonly maxHeaderBytes: number
}

export interface Environment {
  readonly allow: AllowPrivate
  readonly resolve: Resolve
  readonly now: () => number
  readonly userAgent: string
  readonly limits: FetchLimits
}

/** Follows an address to its end. What happened until then is kept beside, so that a failure can tell its journey too. */
export async function runAttempt(
  address: string | URL,
  request: FetchRequest,
  environment: Environment,
  signal: AbortSignal,
): Promise<Fetched> {
  const journey = new AttemptJourney(String(address))
  const clock = new TimeLimit(request.timeoutMs ?? environment.limits.timeoutMs, signal)
  let answer: Answer | undefined
  try {
    let next: Onward = {
      method: request.method ?? 'GET',
      headers: requestHeaders(request, environment),
      body: request.body,
    }
    let url: string | URL = address
    for (;;) {
      const target = checkTarget(url, environment.allow)
      journey.at(target.url.href)
      const hop = await takeHop(target, next)
      if ('problem' in hop) return { ...journey.end(clock.elapsedMs), ...hop.problem }
      answer = hop.answer
      const to = redirectTarget(target.url, answer, request)
      if (to === undefined) return concluded(answer, hop.body, request, journey.end(clock.elapsedMs))
      journey.redirected({ from: target.url.href, to: to.href, status: answer.status })
      if (journey.redirects.length > environment.limits.maxRedirects) {
        throw new Stop('refused', 'too-many-redirects', `More than ${environment.limits.maxRedirects} redirects.`)
      }
      next = onward(next, answer.status, target.url, to)
      url = to
      answer = undefined
    }
  } catch (error) {
    signal.throwIfAborted()
    const problem = clock.expired ? clock.problem : networkProblem(error)
    if (!problem) throw error
    return { ...journey.end(clock.elapsedMs), ...answer, ...problem }
  } finally {
    clock.stop()
  }

  async function takeHop(target: Target, { method, headers, body }: Onward) {
    const lease = await request.enterHop?.(target.url, signal)
    if (lease && 'reason' in lease) return { problem: lease }
    let pauseMs: number | undefined
    const startedAt = performance.now()
    const options: AskOptions = {
      ...environment,
      maxHeaderBytes: environment.limits.maxHeaderBytes,
      signal: clock.start(),
      onConnect: () => journey.time({ connectMs: performance.now() - startedAt }),
      onAnswer: (came) => {
        answer = came
        journey.time({ headersMs: performance.now() - startedAt })
        if (came.status >= 400) pauseMs = came.retryAfterMs
      },
      onWire: (bytes) => journey.received(bytes),
    }
    const { maxBytes = environment.limits.maxBytes, cut = false } = request
    const question: Question = { method, headers, body, maxBytes, cut }
    try {
      return await ask(target, question, options)
    } finally {
      clock.pause()
      lease?.leave(pauseMs)
    }
  }
}

function redirectTarget(from: URL, { status, headers }: Answer, request: FetchRequest): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined
  if (request.redirect === 'manual') {
    throw new Stop('failed', 'redirect', `The server answered ${status}, a redirect that was not to be followed.`)
  }
  const to = headers.location === undefined ? null : URL.parse(headers.location, from)
  if (!to) throw new Stop('failed', 'bad-redirect', `The server answered ${status} without a usable address.`)
  return to
}

function concluded(
  answer: Answer,
  read: Awaited<ReturnType<typeof ask>>['body'],
  request: FetchRequest,
  journey: Journey,
): Fetched {
  const wasConditional = request.etag !== undefined || request.lastModified !== undefined
  if (answer.status === 304 && wasConditional) return { ...journey, ...answer, outcome: 'unchanged' }
  const problem = problemOf(answer)
  if (problem) return { ...journey, ...answer, ...problem }
  return {
    ...journey,
    ...answer,
    outcome: 'ok',
    body: read?.body ?? new Uint8Array(),
    truncated: read?.truncated ?? false,
  }
}
