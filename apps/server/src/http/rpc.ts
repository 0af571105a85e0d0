import { appRouter, type Context, procedures } from '@extropy/api'
import { withScope } from '@extropy/db'
import { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Hono, Context as HonoContext } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { AppEnv } from './app-env.ts'
import { errorHeaders, errorResponse, isJson, procedurePaths } from './errors.ts'
import { asksForPieces } from './header-of.ts'
import { maxBatchSize } from './rpc-queries.ts'
import { pieceHeaders } from './send-events.ts'

/** tRPC's own handler, for mutations, streams and refusals. rpc-queries.ts answers queries before it. */
export function mountRpc(app: Hono<AppEnv>, deadlineMs: number): void {
  app.all('/trpc/*', async (c) => {
    const refused = refuseRpc(c)
    if (refused) return errorResponse(c, refused)
    const refusals = new Map<string, string>()
    c.set('refusals', refusals)
    const answer = await fetchRequestHandler({
      endpoint: '/trpc',
      req: c.req.raw,
      router: appRouter,
      createContext: () => contextOf(c, deadlineMs),
      allowMethodOverride: true,
      maxBatchSize,
      onError: ({ path = '', error }) => void refusals.set(path, error.code),
      responseMeta: ({ errors }) => ({ headers: new Headers(errors.flatMap(errorHeaders)) }),
    })
    // Node says how the body is framed; HTTP/1.0 has no chunks.
    answer.headers.delete('transfer-encoding')
    const own = asksForPieces(c) ? pieceHeaders : { 'cache-control': 'no-store' }
    const headers = { ...own, ...c.get('head'), ...Object.fromEntries(answer.headers) }
    const body = asksForPieces(c) && answer.body !== null ? watched(c, answer.body) : answer.body
    return c.newResponse(body, answer.status as StatusCode, headers)
  })
}

/** The same stream; `streamed` tells when it has ended, or its reader has gone. */
function watched(c: HonoContext<AppEnv>, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<void>()
  c.set('streamed', promise)
  return body.pipeThrough(new TransformStream({ flush: () => resolve(), cancel: () => resolve() }))
}

function contextOf(c: HonoContext<AppEnv>, deadlineMs: number): Context {
  const context = c.get('context')
  const signal = asksForPieces(c) ? signalOfPieces(c, deadlineMs) : c.get('scope').signal
  return { ...context, db: withScope(context.db, { signal, timing: c.get('scope').timing }), signal }
}

/**
 * JSON Lines are still being made when the request's own call has ended. A stream has no deadline, all other procedures have
 * theirs, and a caller who hangs up ends them all.
 */
function signalOfPieces(c: HonoContext<AppEnv>, deadlineMs: number): AbortSignal {
  const { gone } = c.get('scope')
  const names = procedurePaths(c.req.path.slice('/trpc/'.length))
  const isStream = names.some((name) => procedures.get(name)?.meta.streams !== undefined)
  return isStream ? gone : AbortSignal.any([gone, AbortSignal.timeout(deadlineMs)])
}

/** Requests that tRPC would refuse too, but before it has a context, and so without the request id. */
function refuseRpc(c: HonoContext<AppEnv>): TRPCError | undefined {
  const { method, path } = c.req
  if (method !== 'GET' && method !== 'POST') {
    c.get('head').allow = 'GET, POST'
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: `method: must be GET or POST, not ${method}` })
  }
  if (method === 'POST' && !isJson(c)) return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  if (procedurePaths(path).length > maxBatchSize) {
    return new TRPCError({ code: 'BAD_REQUEST', message: `batch: must be at most ${maxBatchSize} calls` })
  }
  return undefined
}
