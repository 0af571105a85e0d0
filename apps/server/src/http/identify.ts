import { AppError, type Charge, invalidKeyMessage, readBearer } from '@extropy/api'
import { TRPCError } from '@trpc/server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { networkOf } from './address.ts'
import type { AppEnv } from './app-env.ts'
import { errorResponse, procedurePaths } from './errors.ts'
import { headerOf } from './header-of.ts'

/** Probes: monitors ask for them without end, and they are cheap. */
const uncounted = /^\/(health(\/.*)?|metrics)$/

/**
 * Who asks, and whether they may ask once more: before everything else, cached answers too. A request costs one charge,
 * a batch as many as it has calls. A valid key is charged to itself; everyone else, wrong keys included, to the address,
 * so that a flood of wrong keys exhausts neither the owner of a right one nor the memory.
 */
export function identify({ anonymousPerHour }: { anonymousPerHour: number }): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = performance.now()
    const { keys, limiter, address = 'unknown' } = c.get('context')
    const isCounted = !uncounted.test(c.req.path)
    const key = readBearer(headerOf(c, 'authorization'))
    const principal = key ? await keys.authenticate(key) : undefined
    const isWrong = key !== undefined && principal === undefined
    if (isCounted || isWrong) {
      const charge = principal
        ? await limiter.charge(`key:${principal.keyId}`, principal.rateLimitPerHour, callsIn(c))
        : await limiter.charge(`address:${networkOf(address)}`, anonymousPerHour, callsIn(c))
      sayCharge(c, charge)
      if (!charge.allowed) return errorResponse(c, tooManyRequests(charge))
    }
    if (isWrong) return errorResponse(c, refuse('UNAUTHORIZED', new AppError('unauthenticated', invalidKeyMessage)))
    c.set('context', { ...c.get('context'), principal })
    c.get('scope').timing.authMs = performance.now() - startedAt
    await next()
  }
}

/** Calls in a tRPC batch; 1 for every other request. */
function callsIn(c: HonoContext): number {
  return c.req.path.startsWith('/trpc/') && c.req.query('batch') !== undefined ? procedurePaths(c.req.path).length : 1
}

function sayCharge(c: HonoContext<AppEnv>, charge: Charge): void {
  Object.assign(c.get('head'), chargeHeaders(charge))
}

/** What is left of the caller's rate limit. */
function chargeHeaders({ allowed, limit, remaining, resetSeconds }: Charge): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
    ...(allowed ? {} : { 'retry-after': String(resetSeconds) }),
  }
}

function tooManyRequests({ limit, resetSeconds }: Charge): TRPCError {
  const message = `More than ${limit} requests within an hour. Try again in ${resetSeconds} seconds.`
  return refuse('TOO_MANY_REQUESTS', new AppError('rate_limited', message))
}

function refuse(code: 'UNAUTHORIZED' | 'TOO_MANY_REQUESTS', cause: AppError): TRPCError {
  return new TRPCError({ code, message: cause.message, cause })
}
