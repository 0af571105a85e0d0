import { initTRPC } from '@trpc/server'
import type { z } from 'zod'
import { invalidating } from './answers/invalidating.ts'
import { type Access, checkAccess } from './auth/access.ts'
import type { Principal } from './auth/principal.ts'
import type { Context } from './context.ts'
import { describeError, toTrpcError } from './errors.ts'

/** `GET /api/contents/{id}`: a placeholder's name is a key of the procedure's input. */
export type RestRoute = `${'GET' | 'POST' | 'PATCH' | 'DELETE'} /${string}`

export interface Meta {
  /** One sentence, for the OpenAPI document and for the client's hover text. */
  readonly summary: string
  /** The REST routes that answer with this procedure. */
  readonly rest: readonly RestRoute[]
  /** What a procedure that answers piece by piece sends: JSON Lines to tRPC, server-sent events at its REST routes. */
  readonly streams?: z.ZodType
  /** Whether it takes the header Idempotency-Key: it moves money. */
  readonly movesMoney?: true
  /** Set by the builders below, never by a procedure. */
  readonly access?: Access
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    defaultMeta: { summary: '', rest: [] },
    isDev: false,
    errorFormatter({ shape, error, ctx }) {
      const { reason, message, issues } = describeError(error)
      return {
        ...shape,
        message,
        data: {
          ...shape.data,
          reason,
          issues: issues as readonly { field: string; message: string }[],
          requestId: ctx?.requestId,
        },
      }
    },
  })

const translateErrors = t.middleware(async ({ next, ctx, path }) => {
  const result = await next()
  if (result.ok) return result
  const error = toTrpcError(result.error)
  if (error.code === 'INTERNAL_SERVER_ERROR' || error.code === 'SERVICE_UNAVAILABLE') ctx.onInternalError(error, path)
  return { ...result, error }
})

/** Whichever door a mutation comes through: when it answers, nothing that it has changed is in any cache. */
const invalidateWhatChanges = t.middleware(({ next, ctx, type }) =>
  type === 'mutation' ? invalidating(ctx, (db) => next({ ctx: { db } })) : next(),
)

export const { router } = t

/** `t.procedure` stays in this file: outside of it there is no way to a procedure without a rule. */
function declare(access: Access) {
  return t.procedure
    .meta({ summary: '', rest: [], access })
    .use(translateErrors)
    .use(invalidateWhatChanges)
    .use(({ next, ctx }) => {
      checkAccess(access, ctx.principal)
      return next()
    })
}

function declareForKey(access: Access & { readonly scope: 'read' | 'write' | 'admin' }) {
  // checkAccess has refused whoever is nobody.
  return declare(access).use(({ next, ctx }) => next({ ctx: { principal: ctx.principal as Principal } }))
}

/** Anyone may call it, and all get the same: it can't see who asks. */
export const publicProcedure = declare({ scope: 'none', reach: 'everyone' }).use(({ next }) =>
  next({ ctx: { principal: undefined } }),
)
/** Anyone may call it; to a key's user it also shows what is their own. */
export const viewerProcedure = declare({ scope: 'none', reach: 'public' })
/** Reads what is the caller's own. */
export const ownReadProcedure = declareForKey({ scope: 'read', reach: 'own' })
/** Reads what is the caller's own; admins read anyone's. */
export const ownOrAdminReadProcedure = declareForKey({ scope: 'read', reach: 'ownOrAdmin' })
/** Changes what is the caller's own. */
export const ownWriteProcedure = declareForKey({ scope: 'write', reach: 'own' })
/** Changes what is the caller's own; admins change anyone's. */
export const ownOrAdminWriteProcedure = declareForKey({ scope: 'write', reach: 'ownOrAdmin' })
/** For admins alone. */
export const adminProcedure = declareForKey({ scope: 'admin', reach: 'any' })
