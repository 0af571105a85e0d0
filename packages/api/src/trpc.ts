import { initTRPC, TRPCError } from '@trpc/server'
import type { z } from 'zod'
import { type Access, accessRefusal } from './auth/access.ts'
import type { Principal } from './auth/principal.ts'
import type { Context } from './context.ts'
import { cutName, describeError, isOurFault, toTrpcError } from './errors.ts'
import { invalidating } from './invalidating.ts'

/** `GET /api/contents/{id}`: a placeholder's name is a key of the procedure's input. */
export type RestRoute = `${'GET' | 'POST' | 'PATCH' | 'DELETE'} /${string}`

export interface Meta {
  /** A sentence for the OpenAPI document and the client's hover text. */
  readonly summary: string
  /** The REST routes that answer with this procedure. */
  readonly rest: readonly RestRoute[]
  /** A whole input that works as it stands, for the OpenAPI document; rows are named by `exampleIds`. */
  readonly example?: Readonly<Record<string, unknown>>
  /** The pieces of an answer that comes piece by piece: JSON Lines to tRPC, at its REST routes as `streamedAs` says. */
  readonly streams?: z.ZodType
  /** JSON Lines for what is saved as a file. Default: server-sent events. */
  readonly streamedAs?: 'lines' | 'events'
  /** Its query may travel in the body of a POST, which then is a read. */
  readonly readsByPost?: true
  /** Its REST route takes a file as the body, streamed into the spool, and the input as query parameters. */
  readonly receives?: 'file'
  /** Where to look for an answer that is not there yet, which is then 202 with a Location; undefined where it is there. */
  readonly acceptedAt?: (answer: never) => string | undefined
  /** Never read from a replica: it tells of rows that are written without a word to the caches, or of keys. */
  readonly fromPrimary?: true
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
    // JSON Lines that are silent for long would be cut off by proxies.
    jsonl: { pingMs: 10_000 },
    errorFormatter({ shape, error, ctx }) {
      const { reason, message, issues } = describeError(error)
      return {
        ...shape,
        message,
        data: {
          ...shape.data,
          ...(shape.data.path === undefined ? {} : { path: cutName(shape.data.path) }),
          reason,
          issues: issues as readonly { field: string; message: string }[],
          requestId: ctx?.requestId,
        },
      }
    },
  })

export const { router } = t

/**
 * `t.procedure` stays in this file, so that no procedure is made without a rule. One middleware does everything around a
 * procedure, since tRPC copies the whole context at each: it checks access; purges a mutation's changes from every cache
 * before the answer; and translates errors for callers.
 */
function declare<Who extends Principal | undefined>(
  access: Access,
  who: (principal: Principal | undefined) => Who = (principal) => principal as Who,
) {
  return t.procedure.meta({ summary: '', rest: [], access }).use(async ({ next, ctx, type, path }) => {
    const refusal = accessRefusal(access, ctx.principal)
    if (refusal) throw toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: refusal }))
    const principal = who(ctx.principal)
    const proceed = (db: Context['db']) => next({ ctx: { principal, db } })
    const isAsItIs = type === 'query' && principal === ctx.principal
    const result = isAsItIs
      ? await (next as unknown as () => ReturnType<typeof proceed>)()
      : await (type === 'mutation' ? invalidating(ctx, proceed).catch(asTrpcError) : proceed(ctx.db))
    if (result.ok) return result
    const error = toTrpcError(result.error)
    if (isOurFault(error)) ctx.onInternalError(error, path)
    return { ...result, error }
  })
}

/** For what is thrown around a procedure: tRPC has not wrapped it yet. */
function asTrpcError(cause: unknown): never {
  throw cause instanceof TRPCError ? cause : toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }))
}

/** Anyone may call it, and all get the same: it does not see the caller. */
export const publicProcedure = declare<undefined>({ scope: 'none', reach: 'everyone' }, () => undefined)
/** Anyone may call it; to a key's user it also shows their own rows. */
export const viewerProcedure = declare<Principal | undefined>({ scope: 'none', reach: 'public' })
/** Reads the caller's own rows. */
export const ownReadProcedure = declare<Principal>({ scope: 'read', reach: 'own' })
/** Reads the caller's own rows; admins read anyone's. */
export const ownOrAdminReadProcedure = declare<Principal>({ scope: 'read', reach: 'ownOrAdmin' })
/** Reads rows that belong to nobody. */
export const anyReadProcedure = declare<Principal>({ scope: 'read', reach: 'any' })
/** Changes rows that belong to nobody, or, where the procedure says so, those of their own. */
export const anyWriteProcedure = declare<Principal>({ scope: 'write', reach: 'any' })
/** Changes the caller's own rows. */
export const ownWriteProcedure = declare<Principal>({ scope: 'write', reach: 'own' })
/** Changes the caller's own rows; admins change anyone's. */
export const ownOrAdminWriteProcedure = declare<Principal>({ scope: 'write', reach: 'ownOrAdmin' })
/** For admins alone. */
export const adminProcedure = declare<Principal>({ scope: 'admin', reach: 'any' })
