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
  readonly routes: readonly Route[]
  readonly input: z.ZodType | undefined
  readonly output: z.ZodType | undefined
  /** What the router gives for it: access, input and output are not checked by this. */
  readonly resolve: (call: ResolverCall) => unknown
  /** How long its answers are kept; 0: not at all. Milliseconds. */
  readonly ttlMs: number
}

/** `meta.rest`, taken apart: here alone. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** `/api/contents/{id}` */
  readonly path: string
  /** `id`: what the path says of the input. */
  readonly keys: readonly string[]
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
    const routes = meta.rest.map(parseRoute)
    const ttlMs = isKept ? ttlOf(routes) : 0
    return [path, { path, type, meta, routes, input: inputs[0], output, resolve: resolver, ttlMs }]
  }),
)

/** By its shortest-lived route; a procedure without one is not kept. */
function ttlOf(routes: readonly Route[]): number {
  return routes.length === 0 ? 0 : Math.min(...routes.map(({ path }) => ttlMsOf(path)))
}

function parseRoute(route: RestRoute): Route {
  const [method, path] = route.split(' ') as [Route['method'], string]
  return { method, path, keys: [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => key as string) }
}
