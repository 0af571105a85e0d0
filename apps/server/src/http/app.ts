import type { Deps } from '@extropy/api'
import { TRPCError } from '@trpc/server'
import { Hono, type Context as HonoContext } from 'hono'
import type { Logger } from 'pino'
import type { LocalDoor } from '../door/local-door.ts'
import { challengeMcp, mountMcp } from '../mcp/mount-mcp.ts'
import { type Metrics, metricsContentType } from '../metrics.ts'
import { observeRequest } from '../monitoring/observe-request.ts'
import { traceRequests } from '../monitoring/trace-requests.ts'
import type { Tracing } from '../monitoring/tracing.ts'
import type { WebApp } from '../web-app.ts'
import { addressOf } from './address.ts'
import { admit, isProbe } from './admission.ts'
import { createAllowedMethods } from './allowed-methods.ts'
import type { AppEnv, Observe } from './app-env.ts'
import { createCrossOrigin } from './cross-origin.ts'
import { mountDocs } from './docs.ts'
import { errorResponse, thrownResponse } from './errors.ts'
import { createFastPath } from './fast-path.ts'
import { mountFeeds } from './feeds.ts'
import { headerOf } from './header-of.ts'
import { createHotUrls } from './hot-urls.ts'
import { identify } from './identify.ts'
import { refuseUnreadableUrls } from './readable-url.ts'
import { receiveBodies } from './receive-body.ts'
import { newRequestId, safeRequestId } from './request-id.ts'
import { requestLine } from './request-line.ts'
import { beginRequest } from './request-scope.ts'
import { mountRest } from './rest.ts'
import { mountRpc } from './rpc.ts'
import { mountRpcQueries } from './rpc-queries.ts'
import { serveWebApp } from './serve-web-app.ts'

export interface AppOptions {
  /** The number of our own proxies in front, each of which adds to X-Forwarded-For. Default 0: the header is not trusted. */
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
  /** Names of this server beside its addresses and localhost, for /mcp; `*` for all. Default none. */
  readonly mcpHosts?: readonly string[]
  /** Default: `metrics.observe`. */
  readonly observe?: Observe
  /** Shown at /metrics. Default: there is no such path. */
  readonly metrics?: Metrics | undefined
  /** Default: no traces. */
  readonly tracing?: Tracing | undefined
  /** Shown at /. Default: there is no page. */
  readonly webApp?: WebApp | undefined
  /** For commands on this machine. Default: none. */
  readonly localDoor?: LocalDoor | undefined
}

export interface App {
  readonly hono: Hono<AppEnv>
  /** Answers a request before Hono where it can at once; otherwise returns false. */
  readonly fastPath: ReturnType<typeof createFastPath>
  /** How long a request may take. */
  readonly deadlineMs: number
}

/** The stamp is read when the answer's headers are put together: after a write, it covers that write. */
function headWith({ replicaReads }: Deps, head: Record<string, string>): Record<string, string> {
  if (replicaReads === undefined) return head
  return Object.defineProperty(head, 'extropy-stamp', { enumerable: true, get: () => replicaReads.stamp ?? '' })
}

/** Before the caller's key is looked at: it may have been revoked on a newer primary. Probes are answered. */
async function refuseReplaced(c: HonoContext<AppEnv>, next: () => Promise<void>): Promise<void> {
  const { replicaReads, stamp } = c.get('context')
  if (replicaReads?.mayRefuse(stamp) && !isProbe(c.req.path)) await replicaReads.admit(stamp)
  await next()
}

/** Anyone may make them up. */
const maxRefusedOrigins = 100

/** The HTTP application: tRPC under /trpc, the same procedures as REST, one error shape for both. */
export function createApp(deps: Deps, logger: Logger, options: AppOptions = {}): App {
  const { trustedProxies = 0, anonymousPerHour = 10_000, deadlineMs = 30_000, maxInFlight = 1000 } = options
  const { httpMaxAgeSeconds = 0, corsOrigins = [], mcpHosts = [], metrics, tracing, webApp } = options
  const { observe = metrics?.observe ?? (() => {}) } = options
  const hotUrls = createHotUrls()
  const crossOrigin = createCrossOrigin(corsOrigins)
  const freshness = { httpMaxAgeSeconds, variesByOrigin: crossOrigin.varies }
  const hono = new Hono<AppEnv>()

  if (tracing) hono.use(traceRequests(tracing))
  const refusedOrigins = new Set<string>()
  /** Once for each origin: its browser tells nobody but whoever opens its console. */
  const noteOrigin = (origin: string | undefined, host: string | undefined) => {
    if (origin === undefined || refusedOrigins.has(origin) || refusedOrigins.size >= maxRefusedOrigins) return
    if (!crossOrigin.refuses(origin, host)) return
    refusedOrigins.add(origin)
    logger.warn(
      { origin: origin.slice(0, 200) },
      'a page of this origin may not read the answers: CORS_ORIGINS allows it',
    )
  }
  hono.use(async (c, next) => {
    const requestId = safeRequestId(headerOf(c, 'x-request-id')) ?? newRequestId()
    const scope = beginRequest(c, deadlineMs)
    const onInternalError = (err: unknown, path: string) => logger.error({ requestId, path, err }, 'request failed')
    const address = addressOf(c, trustedProxies)
    const idempotencyKey = headerOf(c, 'idempotency-key')
    const stamp = deps.replicaReads && headerOf(c, 'extropy-stamp')
    const origin = headerOf(c, 'origin')
    noteOrigin(origin, headerOf(c, 'host'))
    c.set('scope', scope)
    c.set('head', headWith(deps, { ...crossOrigin.headFor(origin), 'x-request-id': requestId }))
    c.set('context', { ...deps, requestId, onInternalError, address, idempotencyKey, stamp, principal: undefined })
    try {
      await next()
    } finally {
      scope.end()
    }
    const elapsedMs = performance.now() - scope.startedAt
    const note = () => {
      observeRequest(observe, c, elapsedMs)
      if (logger.isLevelEnabled('info')) logger.info(requestLine(c, requestId, elapsedMs), 'request')
    }
    const streamed = c.get('streamed')
    if (streamed === undefined) note()
    else void streamed.then(note)
  })
  if (crossOrigin.preflight) hono.use(crossOrigin.preflight)
  if (webApp) hono.use(serveWebApp(webApp))
  hono.use(refuseReplaced)
  hono.use(admit(maxInFlight))
  challengeMcp(hono, { trustsProxies: trustedProxies > 0 })
  hono.use(identify({ anonymousPerHour, localDoor: options.localDoor }))
  hono.use(refuseUnreadableUrls)
  hono.use(receiveBodies())

  mountRpcQueries(hono, freshness, hotUrls)
  mountRpc(hono, deadlineMs)
  mountRest(hono, freshness, hotUrls)
  const mcp = { hosts: mcpHosts, corsOrigins, deadlineMs, trustsProxies: trustedProxies > 0 }
  const documents = [...mountDocs(hono, deps), ...mountMcp(hono, mcp), ...mountFeeds(hono)]
  if (metrics) {
    hono.get('/metrics', async (c) => {
      const headers = { ...c.get('head'), 'content-type': metricsContentType, 'cache-control': 'no-store' }
      return new Response(await metrics.text(), { headers })
    })
    documents.push('/metrics')
  }

  const others = Object.fromEntries(documents.map((path) => [path, 'GET']))
  const allowedMethods = createAllowedMethods({ ...others, '/mcp': 'POST' })
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
  hono.onError((error, c) => thrownResponse(c, error, c.req.path))

  const fastPath = createFastPath(deps, hotUrls, {
    ...freshness,
    anonymousPerHour,
    trustedProxies,
    crossOrigin,
    observe,
    onHit: logger.isLevelEnabled('debug')
      ? (requestId, url, durationMs) => logger.debug({ requestId, url, durationMs, cache: 'HIT' }, 'request')
      : () => {},
  })
  return { hono, fastPath, deadlineMs }
}
