import type { AnyTRPCProcedure } from '@trpc/server'
import type { z } from 'zod'
import { appRouter } from '../app-router.ts'
import type { Context } from '../context.ts'
import type { Meta, RestRoute } from '../trpc.ts'
import { ttlMsOf } from './cache-rules.ts'

/** A procedure as the doors see it. */
export interface Procedure {
  /** `contents.byId` */
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly meta: Meta
  readonly input: z.ZodType | undefined
  readonly output: z.ZodType | undefined
  /** What the router gives for it: access, input and output are not checked by this. */
  readonly resolve: (call: ResolverCall) => unknown
  /** How long its answers are kept; 0: not at all. Milliseconds. */
  readonly ttlMs: number
}

interface ResolverCall {
  readonly ctx: Context
  readonly input: unknown
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly signal: AbortSignal | undefined
}

/** Every procedure by its path. At run time a router's procedures are one flat record. */
export const procedures: ReadonlyMap<string, Procedure> = new Map(
  Object.entries(appRouter._def.procedures as unknown as Record<string, AnyTRPCProcedure>).map(([path, procedure]) => {
    const { type, meta, inputs, output, resolver } = procedure._def as unknown as {
      resolver: Procedure['resolve']
      type: 'query' | 'mutation'
      meta: Meta
      inputs: z.ZodType[]
      output?: z.ZodType
    }
    const isKept = type === 'query' && meta.streams === undefined
    return [
      path,
      { path, type, meta, input: inputs[0], output, resolve: resolver, ttlMs: isKept ? ttlOf(meta.rest) : 0 },
    ]
  }),
)

/** By its shortest-lived route; a procedure without one is not kept. */
function ttlOf(routes: readonly RestRoute[]): number {
  return routes.length === 0 ? 0 : Math.min(...routes.map((route) => ttlMsOf(route.slice(route.indexOf(' ') + 1))))
}
