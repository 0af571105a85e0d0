import { AppError, type Charge, invalidKeyMessage, readBearer } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import { TRPCError } from '@trpc/server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { LocalDoor } from '../door/local-door.ts'
import { isProbe } from './admission.ts'
import type { AppEnv } from './app-env.ts'
import { bucketsFor, limitField, policyField } from './charge.ts'
import { errorResponse, procedurePaths } from './errors.ts'
import { headerOf } from './header-of.ts'

/**
 * Identifies the caller and charges the rate limit, before everything else: cached answers are charged too. A request costs
 * one charge, a batch as many as it has calls.
 */
export function identify({
  anonymousPerHour,
  localDoor,
}: {
  readonly anonymousPerHour: number
  readonly localDoor?: LocalDoor | undefined
}): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = performance.now()
    const { keys, limiter, address } = c.get('context')
    const key = readBearer(headerOf(c, 'authorization'))
    const principal = key
      ? ((await localDoor?.authenticate(key, c.env as Partial<HttpBindings> | undefined)) ??
        (await keys.authenticate(key)))
      : undefined
    const isWrong = key !== undefined && principal === undefined
    // Monitors ask for probes without end, and they are cheap.
    if (isWrong || !isProbe(c.req.path)) {
      const charge = await limiter.charge(bucketsFor(principal, address, anonymousPerHour), callsIn(c))
      Object.assign(c.get('head'), { 'ratelimit-policy': policyField(charge), ratelimit: limitField(charge) })
      if (!charge.allowed) return tooManyRequests(c, charge)
    }
    if (isWrong) return refuse(c, 'UNAUTHORIZED', new AppError('unauthenticated', invalidKeyMessage))
    c.set('context', { ...c.get('context'), principal })
    c.get('scope').timing.authMs = performance.now() - startedAt
    await next()
  }
}

/** Calls in a tRPC batch; 1 for every other request. */
function callsIn(c: HonoContext): number {
  return c.req.path.startsWith('/trpc/') && c.req.query('batch') !== undefined ? procedurePaths(c.req.path).length : 1
}

function tooManyRequests(c: HonoContext<AppEnv>, { limit, resetSeconds }: Charge): Response {
  c.get('head')['retry-after'] = String(resetSeconds)
  const message = `More than ${limit} requests within an hour. Try again in ${resetSeconds} seconds.`
  return refuse(c, 'TOO_MANY_REQUESTS', new AppError('rate_limited', message))
}

function refuse(c: HonoContext<AppEnv>, code: 'UNAUTHORIZED' | 'TOO_MANY_REQUESTS', cause: AppError): Response {
  return errorResponse(c, new TRPCError({ code, message: cause.message, cause }))
}
