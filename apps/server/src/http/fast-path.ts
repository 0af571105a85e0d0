import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type Deps, keyOf, type Limiter, type Payload, type Principal, peekPayload } from '@extropy/api'
import type { ReadTrace } from '@extropy/cache'
import { networkOf, plainAddress } from './address.ts'
import {
  audienceFor,
  cacheControl,
  etagOf,
  type FreshnessOptions,
  securityHeaders,
  strictest,
  varyOf,
} from './answer-headers.ts'
import type { Observe } from './app-env.ts'
import { type Encoding, encodingFor, peekEncoded } from './compress.ts'
import type { CrossOrigin } from './cross-origin.ts'
import { matchesEtag } from './etag.ts'
import { wantsPieces } from './header-of.ts'
import type { HotUrl, HotUrls } from './hot-urls.ts'
import { createJoinedBatches, type JoinedBatches } from './joined-batches.ts'
import { newRequestId, safeRequestId } from './request-id.ts'
import { partsOfBatch } from './send-answers.ts'

export interface FastPathOptions extends FreshnessOptions {
  readonly anonymousPerHour: number
  /** With proxies in front, whose word on the address must be read: then only requests with a key come this way. */
  readonly trustedProxies: number
  readonly crossOrigin: Pick<CrossOrigin, 'lines' | 'varies'>
  readonly observe: Observe
  readonly onHit: (requestId: string, url: string, durationMs: number) => void
}

/** Of any of these the whole application has to know. */
const unusual = ['cache-control', 'range', 'origin', 'if-modified-since', 'expect'] as const

const isUnusual = (headers: IncomingHttpHeaders) =>
  unusual.some((name) => headers[name] !== undefined) || wantsPieces(headers)

/**
 * Answers a GET whose answer is in memory before there is a Request object, a router or a promise: that is most of what a
 * hit costs. It asks in the same order as the application, which takes over wherever anything cannot be said at once:
 * who is it, may they ask once more, is their answer there. Returns false, with nothing charged or sent, in that case.
 */
export function createFastPath(deps: Deps, hotUrls: HotUrls, options: FastPathOptions) {
  const headOptions: HeadOptions = { ...options, heads: new WeakMap() }
  const batches = createJoinedBatches()
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    const { method, url = '', headers } = req
    const hot = method === 'GET' ? hotUrls.get(url) : undefined
    const { chargeNow } = deps.limiter
    if (hot === undefined || chargeNow === undefined || isUnusual(headers)) return false
    const startedAt = performance.now()
    const { authorization } = headers
    const principal = authorization === undefined ? undefined : deps.keys.peek(authorization)
    if (principal === undefined && (authorization !== undefined || options.trustedProxies > 0)) return false

    const found = findAnswers(deps, hot, principal)
    if (found === undefined) return false
    const form = bodyOf(hot, found.answers, headers['accept-encoding'] as string | undefined, batches)
    if (form === undefined) return false
    const charge = chargeFor(chargeNow, req, principal, hot.calls.length, options)
    if (charge?.allowed !== true) return false

    const { etag, lines } = contentHead(hot, found.answers, form, principal, headOptions)
    const requestId = safeRequestId(headers['x-request-id'] as string | undefined) ?? newRequestId()
    const durationMs = performance.now() - startedAt
    const asked = headers['if-none-match']
    const isKnown = asked !== undefined && matchesEtag(asked, etag)
    // Flat, name after value: what node writes as it is.
    const head = [
      'x-request-id',
      requestId,
      'ratelimit-limit',
      String(charge.limit),
      'ratelimit-remaining',
      String(charge.remaining),
      'ratelimit-reset',
      String(charge.resetSeconds),
      'age',
      String(Math.floor(found.ageMs / 1000)),
      'server-timing',
      `total;dur=${Math.ceil(durationMs * 1000) / 1000}`,
      ...(isKnown ? lines.slice(0, -2 * (form.encoding === undefined ? 2 : 3)) : lines),
    ]
    res.writeHead(isKnown ? 304 : 200, head)
    if (isKnown) res.end()
    else if (form.parts === undefined) res.end(form.body)
    else sendParts(res, form.parts)
    for (const { procedure } of hot.calls) options.observe(procedure.path, hot.door, 'OK', durationMs, 'HIT')
    options.onHit(requestId, url, durationMs)
    return true
  }
}

interface Form {
  readonly body: Buffer
  /** Of a batch that is not put together: see joined-batches.ts. */
  readonly parts?: readonly Buffer[]
  readonly bytes: number
  readonly encoding: Encoding | undefined
}

const hitCause = 'fresh'

/** What is said of the content, made once for each answer; last what only describes a body. */
function contentHead(
  hot: HotUrl,
  answers: readonly Payload[],
  { body, parts, bytes, encoding }: Form,
  principal: Principal | undefined,
  { heads, crossOrigin, ...options }: HeadOptions,
): ContentHead {
  const audience = strictest(hot.calls.map(({ procedure }) => audienceFor(procedure.meta.access?.reach, principal)))
  // What stays the same as long as it is there: the answer, or the batch put together.
  const [content] = hot.isBatch ? [parts === undefined ? body : undefined] : answers
  const name = `${hot.door}${encoding ?? ''}${audience}`
  const made = content && heads.get(content)?.get(name)
  if (made !== undefined) return made
  const etag = etagOf(answers, hot.isBatch ? 'batch' : hot.door)
  const lines = [
    ...Object.entries(securityHeaders).flat(),
    ...crossOrigin.lines,
    ...['vary', crossOrigin.varies ? `${varyOf(audience)}, Origin` : varyOf(audience)],
    ...['x-cache', 'HIT', 'x-cache-cause', answers.map(() => hitCause).join(', ')],
    ...['cache-control', cacheControl(audience, true, options), 'etag', etag],
    ...['content-type', 'application/json', 'content-length', String(bytes)],
    ...(encoding === undefined ? [] : ['content-encoding', encoding]),
  ]
  if (content !== undefined) {
    const byName = heads.get(content) ?? new Map<string, ContentHead>()
    heads.set(content, byName.set(name, { etag, lines }))
  }
  return { etag, lines }
}

interface HeadOptions extends FreshnessOptions, Pick<FastPathOptions, 'crossOrigin'> {
  readonly heads: WeakMap<Payload | Buffer, Map<string, ContentHead>>
}

interface ContentHead {
  readonly etag: string
  readonly lines: readonly string[]
}

function findAnswers(deps: Deps, { calls }: HotUrl, principal: Principal | undefined) {
  const answers: Payload[] = []
  let ageMs = 0
  for (const { procedure, question } of calls) {
    // Whose key may not call it has no answer under theirs; who has no key must not find anyone's.
    if (principal === undefined && procedure.meta.access?.scope !== 'none') return undefined
    const trace: ReadTrace = {}
    const answer = peekPayload(deps, keyOf(procedure, question, principal), trace)
    if (answer === undefined) return undefined
    answers.push(answer)
    ageMs = Math.max(ageMs, trace.ageMs ?? 0)
  }
  return { answers, ageMs }
}

/** Undefined where it would have to be compressed first. */
function bodyOf(
  hot: HotUrl,
  answers: readonly Payload[],
  acceptEncoding: string | undefined,
  batches: JoinedBatches,
): Form | undefined {
  const { door, isBatch } = hot
  const encoding = encodingFor(acceptEncoding)
  const [only] = answers as [Payload]
  if (isBatch) {
    if (encoding !== undefined) return undefined
    const body = batches.bodyFor(hot, answers)
    if (body !== undefined) return { body, encoding, bytes: body.length }
    const parts = partsOfBatch(answers.map(({ rpc }) => rpc))
    return { body: only.rpc, parts, encoding, bytes: parts.reduce((sum, { length }) => sum + length, 0) }
  }
  const form = encoding === undefined ? { body: only[door], encoding } : peekEncoded(only, door, encoding)
  return form && { ...form, bytes: form.body.length }
}

/** In one go to the kernel, without a copy. */
function sendParts(res: ServerResponse, parts: readonly Buffer[]): void {
  res.cork()
  for (const part of parts) res.write(part)
  res.end()
  res.uncork()
}

function chargeFor(
  charge: NonNullable<Limiter['chargeNow']>,
  { socket }: IncomingMessage,
  principal: Principal | undefined,
  cost: number,
  { anonymousPerHour }: FastPathOptions,
) {
  if (principal !== undefined) return charge(`key:${principal.keyId}`, principal.rateLimitPerHour, cost)
  const { remoteAddress } = socket
  if (remoteAddress === undefined) return undefined
  return charge(`address:${networkOf(plainAddress(remoteAddress))}`, anonymousPerHour, cost)
}
