import { appRouter, isOurFault, retryAfterSeconds, toTrpcError } from '@extropy/api'
import { getTRPCErrorFromUnknown, getTRPCErrorShape, TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { Context as HonoContext } from 'hono'
import type { AppEnv } from './app-env.ts'
import { headerOf } from './header-of.ts'

/** An error outside any procedure, or a procedure's at a REST route, in the very shape that tRPC gives it. */
export function errorResponse(c: HonoContext<AppEnv>, error: TRPCError, path?: string): Response {
  const headers = {
    ...c.get('head'),
    ...Object.fromEntries(errorHeaders(error)),
    'content-type': 'application/json',
    'cache-control': 'no-store',
  }
  const body = JSON.stringify({ error: errorShape(c, error, path) })
  return new Response(body, { status: getHTTPStatusCodeFromError(error), headers })
}

/** For errors thrown outside of the procedures, which log their own. */
export function thrownResponse(c: HonoContext<AppEnv>, cause: unknown, path: string): Response {
  if (cause instanceof TRPCError) return errorResponse(c, cause, path)
  const error = toTrpcError(getTRPCErrorFromUnknown(cause))
  if (isOurFault(error)) c.get('context').onInternalError(cause, path)
  return errorResponse(c, error, path)
}

/** The error in the shape of tRPC's error formatter, the same at every door. */
export function errorShape(c: HonoContext<AppEnv>, error: TRPCError, path?: string) {
  return getTRPCErrorShape({
    config: appRouter._def._config,
    error,
    type: 'unknown',
    path,
    input: undefined,
    ctx: c.get('context'),
  })
}

/** The headers that an error adds, at every door. */
export function errorHeaders({ code }: TRPCError): [name: string, value: string][] {
  if (code === 'SERVICE_UNAVAILABLE') return [['retry-after', String(retryAfterSeconds)]]
  if (code === 'UNAUTHORIZED') return [['www-authenticate', 'Bearer realm="extropy"']]
  return []
}

/** Whether the request says that its body is JSON. */
export function isJson(c: HonoContext): boolean {
  return /^application\/json\s*(;|$)/i.test(headerOf(c, 'content-type') ?? '')
}

/** The procedures that an RPC path names. A comma may be written as %2C: tRPC reads it so too. */
export function procedurePaths(path: string): string[] {
  try {
    return decodeURIComponent(path).split(',')
  } catch {
    // Not an encoding of anything, so not the name of any procedure.
    return [path]
  }
}
