import type { IncomingMessage, ServerResponse } from 'node:http'
import { accessRefusal, type Deps, keyOf, type Payload, type Principal, peekPayload } from '@extropy/api'
import type { ReadTrace } from '@extropy/cache'
import { callerAddress } from './address.ts'
import { ageOf, answerHead, bodyHead, type FreshnessOptions } from './answer-headers.ts'
import type { Observe } from './app-env.ts'
import { bucketsFor, limitField, policyField } from './charge.ts'
import { type Encoding, encodingFor, peekEncoded } from './compress.ts'
import type { CrossOrigin } from './cross-origin.ts'
import { matchesEtag } from './etag.ts'
import { wantsPieces } from './header-of.ts'
import type { HotUrl, HotUrls } from './hot-urls.ts'
import { createJoinedBatches, type JoinedBatches } from './joined-batches.ts'
import { bypassOf } from './query-outcome.ts'
import { newRequestId, safeRequestId } from './request-id.ts'
import { partsOfBatch } from './send-answers.ts'

export interface FastPathOptions extends FreshnessOptions {
  readonly anonymousPerHour: number
  readonly trustedProxies: number
  readonly crossOrigin: Pick<CrossOrigin, 'headFor'>
  readonly observe: Observe
  readonly onHit: (requestId: string, url: string, durationMs: number) => void
}

/**
 * Answers a GET whose answer is in memory without a Request object, a router or a promise, which are most of a hit's cost. It
 * checks the key, the cache and the rate limit in the same order and by the same rules as the application. Where one of them
 * cannot be checked at once, it returns false, with nothing charged or sent, and the application takes over.
 */
export function createFastPath(deps: Deps, hotUrls: HotUrls, options: FastPathOptions) {
  const { anonymousPerHour, trustedProxies, crossOrigin } = options
  const contentLines = createContentLines(options)
  const linesFor = createLinesFor(crossOrigin, deps)
  const batches = createJoinedBatches()
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    const { method, url = '', headers, socket } = req
    const hot = method === 'GET' ? hotUrls.get(url) : undefined
    if (hot === undefined || bypassOf(headers, true) !== undefined || wantsPieces(headers)) return false
    if (deps.replicaReads?.mayRefuse(headers['extropy-stamp'] as string | undefined)) return false
    const startedAt = performance.now()
    const { authorization } = headers
    const principal = authorization === undefined ? undefined : deps.keys.peek(authorization)
    if (principal === undefined && authorization !== undefined) return false

    const found = findPayloads(deps, hot, principal)
    if (found === undefined) return false
    const form = formOf(hot, found.payloads, headers['accept-encoding'] as string | undefined, batches)
    if (form === undefined) return false
    const address = callerAddress(
      socket.remoteAddress,
      headers['x-forwarded-for'] as string | undefined,
      trustedProxies,
    )
    const buckets = bucketsFor(principal, address, anonymousPerHour)
    const charge = deps.limiter.chargeNow(buckets, hot.calls.length)
    if (charge?.allowed !== true) return false

    const { etag, always, ofBody } = contentLines(hot, found.payloads, form, principal)
    const asked = headers['if-none-match']
    const isKnown = asked !== undefined && matchesEtag(asked, etag)
    const requestId = safeRequestId(headers['x-request-id'] as string | undefined) ?? newRequestId()
    const durationMs = performance.now() - startedAt
    // Names and values in one flat list, which node writes unchanged.
    res.writeHead(isKnown ? 304 : 200, [
      'x-request-id',
      requestId,
      'ratelimit-policy',
      policyField(charge),
      'ratelimit',
      limitField(charge),
      'age',
      ageOf(found.ageMs),
      'server-timing',
      `total;dur=${Math.ceil(durationMs * 1000) / 1000}`,
      ...linesFor(headers.origin),
      ...always,
      ...(isKnown ? [] : ofBody),
    ])
    if (isKnown) res.end()
    else if (form.parts === undefined) res.end(form.body)
    else sendParts(res, form.parts)
    for (const { procedure } of hot.calls) options.observe(procedure.path, hot.door, 'OK', durationMs, 'HIT')
    options.onHit(requestId, url, durationMs)
    return true
  }
}

function findPayloads(deps: Deps, { calls }: HotUrl, principal: Principal | undefined) {
  const payloads: Payload[] = []
  let ageMs = 0
  for (const { procedure, question } of calls) {
    const { access } = procedure.meta
    if (access && accessRefusal(access, principal)) return undefined
    const trace: ReadTrace = {}
    const payload = peekPayload(deps, keyOf(procedure, question, principal), trace)
    if (payload === undefined) return undefined
    payloads.push(payload)
    ageMs = Math.max(ageMs, trace.ageMs ?? 0)
  }
  return { payloads, ageMs }
}

interface Form {
  readonly body: Buffer
  /** The pieces of a batch that is not joined: see joined-batches.ts. */
  readonly parts?: readonly Buffer[]
  readonly bytes: number
  readonly encoding: Encoding | undefined
}

/** Undefined where it would have to be compressed first. */
function formOf(
  hot: HotUrl,
  payloads: readonly Payload[],
  acceptEncoding: string | undefined,
  batches: JoinedBatches,
): Form | undefined {
  const { door, isBatch } = hot
  const encoding = encodingFor(acceptEncoding)
  const [only] = payloads as [Payload]
  if (isBatch) {
    if (encoding !== undefined) return undefined
    const body = batches.bodyFor(hot, payloads)
    if (body !== undefined) return { body, encoding, bytes: body.length }
    const parts = partsOfBatch(payloads.map(({ rpc }) => rpc))
    return { body: only.rpc, parts, encoding, bytes: parts.reduce((sum, { length }) => sum + length, 0) }
  }
  const form = encoding === undefined ? { body: only[door], encoding } : peekEncoded(only, door, encoding)
  return form && { ...form, bytes: form.body.length }
}

/** Headers as node takes them, flat, and the ETag among them. */
interface ContentLines {
  readonly etag: string
  readonly always: readonly string[]
  readonly ofBody: readonly string[]
}

/** The header lines that depend on the content, made once for each content, door, encoding and audience. */
function createContentLines(options: FreshnessOptions) {
  const known = new WeakMap<Payload | Buffer, Map<string, ContentLines>>()
  return (
    { calls, door, isBatch }: HotUrl,
    payloads: readonly Payload[],
    { body, parts, bytes, encoding }: Form,
    principal: Principal | undefined,
  ): ContentLines => {
    // The lines live as long as this object: the answer, or the batch put together.
    const [content] = isBatch ? [parts === undefined ? body : undefined] : payloads
    const name = `${door}${encoding ?? ''}${principal === undefined ? '' : 'key'}`
    const made = content && known.get(content)?.get(name)
    if (made !== undefined) return made
    const procedures = calls.map(({ procedure }) => procedure)
    const verdict = { status: 'HIT', cause: payloads.map(() => 'fresh').join(', ') } as const
    const answer = { procedures, payloads, verdict, door, isBatch, principal, isKept: true }
    const { etag = '', always } = answerHead(answer, options)
    const lines = { etag, always: flat(always), ofBody: flat(bodyHead(bytes, encoding)) }
    if (content !== undefined) known.set(content, (known.get(content) ?? new Map()).set(name, lines))
    return lines
  }
}

/**
 * The header lines that depend on the origin, and the stamp, made once for each. A place of the caller's own is not asked for: what it
 * stands for has made old answers unreachable.
 */
function createLinesFor({ headFor }: Pick<CrossOrigin, 'headFor'>, { replicaReads }: Pick<Deps, 'replicaReads'>) {
  const known = new Map<object, readonly string[]>()
  let stamp: string | undefined
  return (origin: string | undefined): readonly string[] => {
    if (replicaReads !== undefined && replicaReads.stamp !== stamp) {
      stamp = replicaReads.stamp
      known.clear()
    }
    const head = headFor(origin)
    const lines = known.get(head) ?? flat({ ...head, vary: undefined, 'extropy-stamp': stamp })
    known.set(head, lines)
    return lines
  }
}

function flat(head: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(head).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}

/** Sends the parts in one write to the kernel, without a copy. */
function sendParts(res: ServerResponse, parts: readonly Buffer[]): void {
  res.cork()
  for (const part of parts) res.write(part)
  res.end()
  res.uncork()
}
