import { AppError, procedures } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import { TRPCError } from '@trpc/server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { AppEnv } from './app-env.ts'
import { errorResponse } from './errors.ts'
import { headerOf, wantsPieces } from './header-of.ts'

export interface Admission {
  readonly middleware: MiddlewareHandler<AppEnv>
  /** Requests being worked on. */
  inFlight(): number
  /** Requests sent away since the start. */
  refused(): number
}

/** Whoever watches the server must be heard when it is full. */
const always = /^\/(health(\/.*)?|metrics)$/

/** So many requests are worked on at once; the next one is sent away at once, which costs nothing to keep. */
export function createAdmission(maxInFlight: number): Admission {
  let inFlight = 0
  let refused = 0
  return {
    async middleware(c, next) {
      if (inFlight >= maxInFlight && !always.test(c.req.path)) {
        refused++
        const cause = new AppError('overloaded', `More than ${maxInFlight} requests at once. Try again in a moment.`)
        return errorResponse(c, new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: cause.message, cause }))
      }
      inFlight++
      try {
        await next()
      } finally {
        whenOver(c, () => inFlight--)
      }
    },
    inFlight: () => inFlight,
    refused: () => refused,
  }
}

/** A stream is worked on until its connection is done with it: the handler is through long before. */
function whenOver(c: HonoContext<AppEnv>, leave: () => void): void {
  const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing
  const isStream =
    procedures.get(c.get('procedure') ?? '')?.meta.streams !== undefined ||
    wantsPieces({ accept: headerOf(c, 'accept'), 'trpc-accept': headerOf(c, 'trpc-accept') })
  if (isStream && outgoing?.closed === false) outgoing.once('close', leave)
  else leave()
}
