import { AppError, procedures } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import { TRPCError } from '@trpc/server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { AppEnv, Place } from './app-env.ts'
import { errorResponse } from './errors.ts'
import { asksForPieces } from './header-of.ts'

/** Whoever watches the server must be heard when it is full. */
const always = /^\/(health(\/.*)?|metrics)$/

/** So many requests are worked on at once; the next one is sent away at once, which costs nothing to keep. */
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
    const place = createPlace(!always.test(c.req.path))
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

/** A stream is worked on until its connection is done with it: the handler is through long before. */
function whenOver(c: HonoContext<AppEnv>, leave: () => void): void {
  const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing
  const isStream = procedures.get(c.get('procedure') ?? '')?.meta.streams !== undefined || asksForPieces(c)
  if (isStream && outgoing?.closed === false) outgoing.once('close', leave)
  else leave()
}
