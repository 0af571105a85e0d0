import type { AnyTRPCProcedure } from '@trpc/server'
import type { z } from 'zod'
import { appRouter } from '../app-router.ts'
import type { Context } from '../context.ts'
import type { Meta, RestRoute } from '../trpc.ts'

/** A procedure as the doors see it. */
export interface Procedure {
  /** `contents.byId` */
  readonly path: string
  readonly type: 'query' | 'mutation'
  readonly meta: Meta
  readonly routes: readonly Route[]
  readonly input: z.ZodType | undefined
  readonly output: z.ZodType | undefined
  /** The router's own resolver: it checks neither access nor input nor output. */
  readonly resolve: (call: ResolverCall) => unknown
}

/** One route of `meta.rest`, which is parsed here only. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** `/api/contents/{id}` */
  readonly path: string
  /** Keys of the input that stand in the path, such as `id`. */
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
    const routes = meta.rest.map(parseRoute)
    return [path, { path, type, meta, routes, input: inputs[0], output, resolve: resolver }]
  }),
)

/** Whether a request of this method is a read of the procedure: a GET, or a POST whose body is the query. */
export function isReadBy(method: string, { meta }: Pick<Procedure, 'meta'>): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && meta.readsByPost === true)
}

function parseRoute(route: RestRoute): Route {
  const [method, path] = route.split(' ') as [Route['method'], string]
  return { method, path, keys: [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => key as string) }
}
