import { AppError, procedures } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import { TRPCError } from '@trpc/server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { AppEnv, Place } from './app-env.ts'
import { errorResponse } from './errors.ts'
import { asksForPieces } from './header-of.ts'

/** Probes and metrics are answered when the server is full, too. */
export const isProbe = (path: string) => /^\/(health(\/.*)?|metrics)$/.test(path)

/** Admits at most `maxInFlight` requests at once, and refuses the next one immediately: a queue would only delay it. */
export function admit(maxInFlight: number): MiddlewareHandler<AppEnv> {
  let inFlight = 0
  const createPlace = (isLimited: boolean): Place => {
    let isTaken = false
    return {
      enter() {
        if (isTaken) return
        if (isLimited && inFlight >= maxInFlight) throw overloaded(`More than ${maxInFlight} requests at once.`)
        inFlight++
        isTaken = true
      },
      leave() {
        if (isTaken) inFlight--
        isTaken = false
      },
    }
  }
  return async (c, next) => {
    const place = createPlace(!isProbe(c.req.path))
    c.set('place', place)
    try {
      place.enter()
    } catch (error) {
      return errorResponse(c, error as TRPCError)
    }
    try {
      await next()
    } finally {
      whenOver(c, place.leave)
    }
  }
}

export function overloaded(message: string): TRPCError {
  const cause = new AppError('overloaded', `${message} Try again in a moment.`)
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: cause.message, cause })
}

/** A stream keeps its place until its connection closes: the handler has returned long before. */
function whenOver(c: HonoContext<AppEnv>, leave: () => void): void {
  const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing
  const isTold = procedures.get(c.get('procedure') ?? '')?.meta.streams !== undefined
  const isStream = isTold || asksForPieces(c) || c.req.path === '/mcp'
  if (isStream && outgoing?.closed === false) outgoing.once('close', leave)
  else leave()
}
