import { randomUUID } from 'node:crypto'
import { appRouter, type Context, type Deps, toTrpcError } from '@extropy/api'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Hono, type Context as HonoContext } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { StatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { addressOf } from './address.ts'
import { mountDocs } from './docs.ts'
import { errorHeaders, errorResponse, isJson, procedurePaths } from './http-errors.ts'
import { identify } from './identify.ts'
import { mountRest } from './rest.ts'

export interface AppEnv {
  Variables: { context: Context }
}

export interface AppOptions {
  /** How many proxies of our own stand in front, each adding to X-Forwarded-For. Default 0: the header is not believed. */
  readonly trustedProxies?: number
  /** Requests an hour without a key, per address; many people may share one. Default 10,000. */
  readonly anonymousPerHour?: number
}

/** Twice what a prompt of a million characters takes, so that the schema, which names the field, refuses it first. */
const bodyLimitBytes = 2 * 2 ** 20
/** Calls in one tRPC batch; the client sends no more than this. */
const maxBatchSize = 20

/** The HTTP application: tRPC under /trpc, the same procedures as REST, one error shape for both. */
export function createApp(deps: Deps, logger: Logger, options: AppOptions = {}): Hono<AppEnv> {
  const { trustedProxies = 0, anonymousPerHour = 10_000 } = options
  const app = new Hono<AppEnv>()

  app.use(async (c, next) => {
    const requestId = safeRequestId(c.req.header('x-request-id')) ?? randomUUID()
    const startedAt = performance.now()
    const onInternalError = (err: unknown, path: string) => logger.error({ requestId, path, err }, 'request failed')
    const address = addressOf(c, trustedProxies)
    const idempotencyKey = c.req.header('idempotency-key')
    c.set('context', { ...deps, requestId, onInternalError, address, idempotencyKey, principal: undefined })
    c.header('X-Request-Id', requestId)
    await next()
    const { method, path } = c.req
    const durationMs = Math.round((performance.now() - startedAt) * 100) / 100
    logger.info({ requestId, method, path, status: c.res.status, durationMs }, 'request')
  })
  app.use(identify({ anonymousPerHour }))
  app.use(
    bodyLimit({
      maxSize: bodyLimitBytes,
      onError: (c) =>
        errorResponse(
          c,
          new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: `must be at most ${bodyLimitBytes} bytes` }),
        ),
    }),
  )

  app.all('/trpc/*', async (c) => {
    const refused = refuseRpc(c)
    if (refused) return errorResponse(c, refused)
    const answer = await fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router: appRouter,
      createContext: () => c.var.context,
      allowMethodOverride: true,
      maxBatchSize,
      responseMeta: ({ errors }) => ({ headers: new Headers(errors.flatMap(errorHeaders)) }),
    })
    // Built anew, with the headers that were set before it: the request id, and what is left of the rate limit.
    for (const [name, value] of answer.headers) c.header(name, value)
    return c.newResponse(answer.body, answer.status as StatusCode)
  })
  mountRest(app)
  mountDocs(app, deps.version)

  app.notFound((c) =>
    errorResponse(c, new TRPCError({ code: 'NOT_FOUND', message: `There is no ${c.req.method} ${c.req.path} here.` })),
  )
  app.onError((error, c) => {
    c.var.context.onInternalError(error, c.req.path)
    return errorResponse(c, toTrpcError(getTRPCErrorFromUnknown(error)))
  })
  return app
}

/** What tRPC would refuse too, but before it has a context, and so without the request id. */
function refuseRpc(c: HonoContext<AppEnv>): TRPCError | undefined {
  const { method, path } = c.req
  if (method !== 'GET' && method !== 'POST') {
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

/** A caller's own id is kept where it can do no harm in a log or a header. */
function safeRequestId(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w.-]{1,100}$/.test(id) ? id : undefined
}
