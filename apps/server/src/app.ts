import { appRouter, type Context, type Deps, procedures, toTrpcError } from '@extropy/api'
import { withCall } from '@extropy/db'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Hono, type Context as HonoContext, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { StatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { mountDocs } from './docs.ts'
import { addressOf } from './doors/address.ts'
import { createAdmission } from './doors/admission.ts'
import { createAllowedMethods } from './doors/allowed-methods.ts'
import { securityHeaders } from './doors/answer-headers.ts'
import { createCrossOrigin } from './doors/cross-origin.ts'
import { errorHeaders, errorResponse, isJson, procedurePaths } from './doors/errors.ts'
import { createFastPath } from './doors/fast-path.ts'
import { headerOf, wantsPieces } from './doors/header-of.ts'
import { createHotUrls } from './doors/hot-urls.ts'
import { identify } from './doors/identify.ts'
import { beginCall, type RequestCall } from './doors/request-call.ts'
import { newRequestId, safeRequestId } from './doors/request-id.ts'
import { mountRest } from './doors/rest.ts'
import { maxBatchSize, mountRpcQueries } from './doors/rpc.ts'
import type { Outcome } from './doors/send-answers.ts'
import { type Metrics, metricsContentType } from './metrics.ts'
import { observeRequest } from './monitoring/observe-request.ts'
import { traceRequests } from './monitoring/trace-requests.ts'
import type { Tracing } from './monitoring/tracing.ts'

export interface AppEnv {
  Variables: {
    context: Context
    call: RequestCall
    /** Headers that the answer carries, whoever makes it. */
    head: Record<string, string>
    /** Which one a REST route belongs to, and how each call of a query went: for those who count. */
    procedure?: string
    outcomes?: readonly Outcome[]
  }
}

/** Told of every answer: which procedure (or which kind of path), through which door, how it went and how long it took. */
export type Observe = (
  procedure: string,
  door: 'rpc' | 'rest',
  code: string,
  durationMs: number,
  cacheStatus?: 'HIT' | 'MISS' | 'STALE' | 'BYPASS',
) => void

export interface AppOptions {
  /** How many proxies of our own stand in front, each adding to X-Forwarded-For. Default 0: the header is not believed. */
  readonly trustedProxies?: number
  /** Requests an hour without a key, per address; many people may share one. Default 10,000. */
  readonly anonymousPerHour?: number
  /** How long a request may take, waiting for the database included. Default 30,000 ms. */
  readonly deadlineMs?: number
  /** Requests worked on at once; the next one gets 503. Default 1000. */
  readonly maxInFlight?: number
  /** Seconds for which browsers and CDNs may use a public answer without asking. Default 0. */
  readonly httpMaxAgeSeconds?: number
  /** Origins whose pages may read the answers; `*` for all. Default none. */
  readonly corsOrigins?: readonly string[]
  /** Default: `metrics.observe`. */
  readonly observe?: Observe
  /** Shown at /metrics. Default: there is no such path. */
  readonly metrics?: Metrics | undefined
  /** Default: no traces. */
  readonly tracing?: Tracing | undefined
}

export interface App {
  readonly hono: Hono<AppEnv>
  /** Answers what it can at once, before Hono; false where it cannot. */
  readonly fastPath: ReturnType<typeof createFastPath>
}

/** Twice what a prompt of a million characters takes, so that the schema, which names the field, refuses it first. */
const bodyLimitBytes = 2 * 2 ** 20

/** The HTTP application: tRPC under /trpc, the same procedures as REST, one error shape for both. */
export function createApp(deps: Deps, logger: Logger, options: AppOptions = {}): App {
  const { trustedProxies = 0, anonymousPerHour = 10_000, deadlineMs = 30_000, maxInFlight = 1000 } = options
  const { httpMaxAgeSeconds = 0, corsOrigins = [], metrics, tracing } = options
  const { observe = metrics?.observe ?? (() => {}) } = options
  const hotUrls = createHotUrls()
  const admission = createAdmission(maxInFlight)
  const crossOrigin = createCrossOrigin(corsOrigins)
  const hono = new Hono<AppEnv>()

  if (tracing) hono.use(traceRequests(tracing))
  hono.use(async (c, next) => {
    const requestId = safeRequestId(headerOf(c, 'x-request-id')) ?? newRequestId()
    const call = beginCall(c, deadlineMs)
    const onInternalError = (err: unknown, path: string) => logger.error({ requestId, path, err }, 'request failed')
    const address = addressOf(c, trustedProxies)
    const idempotencyKey = headerOf(c, 'idempotency-key')
    c.set('call', call)
    c.set('head', { ...securityHeaders, 'x-request-id': requestId })
    c.set('context', { ...deps, requestId, onInternalError, address, idempotencyKey, principal: undefined })
    try {
      await next()
    } finally {
      call.end()
    }
    const { method, path } = c.req
    const elapsedMs = performance.now() - call.startedAt
    observeRequest(observe, c, elapsedMs)
    const durationMs = Math.round(elapsedMs * 100) / 100
    logger.info({ requestId, method, path, status: c.res.status, durationMs }, 'request')
  })
  if (crossOrigin.middleware) hono.use(crossOrigin.middleware)
  hono.use(admission.middleware)
  hono.use(identify({ anonymousPerHour }))
  const limitBody: MiddlewareHandler<AppEnv> = bodyLimit({
    maxSize: bodyLimitBytes,
    onError: (c) => {
      // The rest of the body is not read, and so the connection cannot be used again: a client must hear that.
      c.get('head').connection = 'close'
      const message = `must be at most ${bodyLimitBytes} bytes`
      return errorResponse(c, new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message }))
    },
  })
  // To ask for the body of a GET is to build a Request around nothing.
  hono.use((c, next) => (c.req.method === 'GET' ? next() : limitBody(c, next)))

  mountRpcQueries(hono, { httpMaxAgeSeconds }, hotUrls)
  hono.all('/trpc/*', async (c) => {
    const refused = refuseRpc(c)
    if (refused) return errorResponse(c, refused)
    const answer = await fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router: appRouter,
      createContext: () => contextOf(c, deadlineMs),
      allowMethodOverride: true,
      maxBatchSize,
      responseMeta: ({ errors }) => ({ headers: new Headers(errors.flatMap(errorHeaders)) }),
    })
    const headers = { 'cache-control': 'no-store', ...c.get('head'), ...Object.fromEntries(answer.headers) }
    return c.newResponse(answer.body, answer.status as StatusCode, headers)
  })
  mountRest(hono, { httpMaxAgeSeconds }, hotUrls)
  const documents = [...mountDocs(hono, deps.version)]
  if (metrics) {
    hono.get('/metrics', async (c) => {
      const headers = { ...c.get('head'), 'content-type': metricsContentType, 'cache-control': 'no-store' }
      return new Response(await metrics.text(), { headers })
    })
    documents.push('/metrics')
  }

  const allowedMethods = createAllowedMethods(Object.fromEntries(documents.map((path) => [path, 'GET'])))
  hono.notFound((c) => {
    const allowed = allowedMethods(c.req.path)
    const { method, path } = c.req
    if (allowed.length === 0) {
      return errorResponse(c, new TRPCError({ code: 'NOT_FOUND', message: `There is no ${method} ${path} here.` }))
    }
    c.get('head').allow = allowed.join(', ')
    const message = `method: ${path} takes ${allowed.join(', ')}, not ${method}`
    return errorResponse(c, new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message }))
  })
  hono.onError((error, c) => {
    c.get('context').onInternalError(error, c.req.path)
    return errorResponse(c, toTrpcError(getTRPCErrorFromUnknown(error)))
  })

  const fastPath = createFastPath(deps, hotUrls, {
    httpMaxAgeSeconds,
    anonymousPerHour,
    trustedProxies,
    crossOrigin,
    observe,
    onHit: logger.isLevelEnabled('debug')
      ? (requestId, url, durationMs) => logger.debug({ requestId, url, durationMs, cache: 'HIT' }, 'request')
      : () => {},
  })
  return { hono, fastPath }
}

function contextOf(c: HonoContext<AppEnv>, deadlineMs: number): Context {
  const context = c.get('context')
  const isInPieces = wantsPieces({ accept: headerOf(c, 'accept'), 'trpc-accept': headerOf(c, 'trpc-accept') })
  const signal = isInPieces ? signalOfPieces(c, deadlineMs) : c.get('call').signal
  return { ...context, db: withCall(context.db, { signal, timing: c.get('call').timing }), signal }
}

/**
 * JSON Lines are still being made when the request's own call has ended. A procedure that streams may take its time; all
 * others have their deadline, and whoever hangs up ends them all.
 */
function signalOfPieces(c: HonoContext<AppEnv>, deadlineMs: number): AbortSignal {
  const hungUp = c.req.raw.signal
  const names = procedurePaths(c.req.path.slice('/trpc/'.length))
  const isStream = names.some((name) => procedures.get(name)?.meta.streams !== undefined)
  return isStream ? hungUp : AbortSignal.any([hungUp, AbortSignal.timeout(deadlineMs)])
}

/** What tRPC would refuse too, but before it has a context, and so without the request id. */
function refuseRpc(c: HonoContext<AppEnv>): TRPCError | undefined {
  const { method, path } = c.req
  if (method !== 'GET' && method !== 'POST') {
    c.get('head').allow = 'GET, POST'
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: `method: must be GET or POST, not ${method}` })
  }
  if (method === 'POST' && !isJson(c)) return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  if (/%(?![0-9a-f]{2})/i.test(path) || path.includes('\ufffd')) {
    return new TRPCError({ code: 'BAD_REQUEST', message: 'path: is not a valid URL encoding' })
  }
  if (procedurePaths(path).length > maxBatchSize) {
    return new TRPCError({ code: 'BAD_REQUEST', message: `batch: must be at most ${maxBatchSize} calls` })
  }
  return undefined
}
