import { procedures as allProcedures } from '@extropy/api'
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../http/app-env.ts'
import { headerOf } from '../http/header-of.ts'
import { proceduresOf } from './observe-request.ts'
import { otherProcedure } from './request-counts.ts'
import type { Tracing } from './tracing.ts'

/** A span for each HTTP request, named by its procedure; `batch` where it has several. */
export function traceRequests(tracing: Tracing): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { method } = c.req
    const request = tracing.startRequest({ method, traceparent: headerOf(c, 'traceparent') })
    c.set('traceId', request.traceId)
    await request.run(next)
    const { door, procedures } = proceduresOf(c)
    const [only = otherProcedure] = procedures
    const { status, headers } = c.res
    request.end({
      name: procedures.length > 1 ? 'batch' : allProcedures.has(only) ? only : otherProcedure,
      door,
      status,
      requestId: headers.get('x-request-id') ?? undefined,
      cacheStatus: headers.get('x-cache') ?? undefined,
    })
  }
}
