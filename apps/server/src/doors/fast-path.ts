import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, type Deps, isForEveryone, keyOf, type Principal, peekAnswer, type Verdict } from '@extropy/api'
import type { ReadTrace } from '@extropy/cache'
import type { Observe } from '../app.ts'
import { networkOf, plainAddress } from './address.ts'
import {
  audienceFor,
  cacheControl,
  combined,
  etagOf,
  type FreshnessOptions,
  matchesEtag,
  securityHeaders,
  strictest,
  varyOf,
} from './answer-headers.ts'
import { encodingFor, peekEncoded } from './compress.ts'
import type { HotUrl, HotUrls } from './hot-urls.ts'
import { chargeHeaders } from './identify.ts'
import { safeRequestId } from './request-id.ts'
import { joinBatch } from './send-answers.ts'

export interface FastPathOptions extends FreshnessOptions {
  readonly anonymousPerHour: number
  /** With proxies in front, whose word on the address must be read: then only requests with a key come this way. */
  readonly trustedProxies: number
  readonly observe: Observe
  readonly onHit: (requestId: string, url: string, durationMs: number) => void
}

/** Of any of these the whole application has to know. */
const unusual = ['cache-control', 'range', 'origin', 'if-modified-since', 'trpc-accept', 'expect'] as const

/**
 * Answers a GET whose answer is in memory before there is a Request object, a router or a promise: that is most of what a
 * hit costs. It asks in the same order as the application, which takes over wherever anything cannot be said at once:
 * who is it, may they ask once more, is their answer there. Returns false, with nothing charged or sent, in that case.
 */
export function createFastPath(deps: Deps, hotUrls: HotUrls, options: FastPathOptions) {
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    const { method, url = '', headers } = req
    const hot = method === 'GET' ? hotUrls.get(url) : undefined
    if (hot === undefined || unusual.some((name) => headers[name] !== undefined)) return false
    const startedAt = performance.now()
    const { authorization } = headers
    const principal = authorization === undefined ? undefined : deps.keys.peek(authorization)
    if (principal === undefined && (authorization !== undefined || options.trustedProxies > 0)) return false

    const found = findAnswers(deps, hot, principal)
    if (found === undefined) return false
    const { answers, verdicts } = found
    const form = bodyOf(hot, answers, headers['accept-encoding'] as string | undefined)
    if (form === undefined) return false
    const charge = chargeFor(deps, req, principal, hot.calls.length, options)
    if (charge?.allowed !== true) return false

    const requestId = safeRequestId(headers['x-request-id'] as string | undefined) ?? randomUUID()
    const audience = strictest(hot.calls.map(({ procedure }) => audienceFor(procedure.meta.access?.reach, principal)))
    const { status, cause, ageMs } = combined(verdicts)
    const etag = etagOf(answers, hot.isBatch ? 'batch' : hot.door)
    const asked = headers['if-none-match']
    const isKnown = asked !== undefined && matchesEtag(asked, etag)
    const head: Record<string, string | number> = {
      ...securityHeaders,
      'x-request-id': requestId,
      ...chargeHeaders(charge),
      vary: varyOf(audience),
      'x-cache': status,
      'x-cache-cause': cause,
      'cache-control': cacheControl(audience, true, options),
      age: String(Math.floor(ageMs / 1000)),
      etag,
    }
    const durationMs = performance.now() - startedAt
    head['server-timing'] = `total;dur=${durationMs.toFixed(2)}`
    if (isKnown) {
      res.writeHead(304, head)
      res.end()
    } else {
      head['content-type'] = 'application/json'
      if (form.encoding !== undefined) head['content-encoding'] = form.encoding
      head['content-length'] = form.body.length
      res.writeHead(200, head)
      res.end(form.body)
    }
    for (const { procedure } of hot.calls) options.observe(procedure.path, hot.door, 'OK', durationMs, status)
    options.onHit(requestId, url, durationMs)
    return true
  }
}

function findAnswers(deps: Deps, { calls }: HotUrl, principal: Principal | undefined) {
  const answers: Answer[] = []
  const verdicts: Verdict[] = []
  for (const { procedure, question } of calls) {
    // Whose key may not call it has no answer under theirs; who has no key must not find anyone's.
    if (principal === undefined && procedure.meta.access?.scope !== 'none') return undefined
    const trace: ReadTrace = {}
    const key = isForEveryone(procedure) ? question : keyOf(procedure, question, principal)
    const answer = peekAnswer(deps, key, trace)
    if (answer === undefined) return undefined
    answers.push(answer)
    verdicts.push({ status: 'HIT', cause: 'fresh', ageMs: trace.ageMs ?? 0 })
  }
  return { answers, verdicts }
}

/** Undefined where it would have to be compressed first. */
function bodyOf({ door, isBatch }: HotUrl, answers: readonly Answer[], acceptEncoding: string | undefined) {
  const encoding = encodingFor(acceptEncoding)
  const [only] = answers as [Answer]
  if (isBatch) return encoding === undefined ? { body: joinBatch(answers.map(({ rpc }) => rpc)), encoding } : undefined
  if (encoding === undefined) return { body: only[door], encoding }
  const body = peekEncoded(only, door, encoding)
  return body && { body, encoding }
}

function chargeFor(
  { limiter }: Deps,
  { socket }: IncomingMessage,
  principal: Principal | undefined,
  cost: number,
  { anonymousPerHour }: FastPathOptions,
) {
  if (principal !== undefined) return limiter.chargeNow(`key:${principal.keyId}`, principal.rateLimitPerHour, cost)
  const { remoteAddress } = socket
  if (remoteAddress === undefined) return undefined
  return limiter.chargeNow(`address:${networkOf(plainAddress(remoteAddress))}`, anonymousPerHour, cost)
}
