import type { CacheStatus, Context, Door, Procedure, Served } from '@extropy/api'
import type { RequestScope } from './request-scope.ts'

/** The variables that a request carries through Hono's middleware. */
export interface AppEnv {
  Variables: {
    context: Context
    scope: RequestScope
    place: Place
    /** Headers that the answer carries, whoever makes it. */
    head: Record<string, string>
    /** Which one a REST route belongs to, and how each call of a query went: for those who count. */
    procedure?: string
    outcomes?: readonly Outcome[]
    /** Of calls that tRPC's own handler refused, by procedure: the status of a stream is 200 however it ends. */
    refusals?: ReadonlyMap<string, string>
    /** Of the request's trace, where traces are made. */
    traceId?: string
    /** Resolves when a streamed answer has ended. */
    streamed?: Promise<void>
  }
}

/** One request's place among those that are worked on. Both may be called again without effect. */
export interface Place {
  /** @throws TRPCError where all places are taken */
  enter(): void
  leave(): void
}

/** Told of every answer: which procedure (or which kind of path), through which door, how it went and how long it took. */
export type Observe = (
  procedure: string,
  door: Door,
  code: string,
  durationMs: number,
  cacheStatus?: CacheStatus,
) => void

/** How one call of a query went. */
export interface Outcome {
  readonly procedure: Procedure
  /** Undefined where there was an error: `errorBody` then is what to send. */
  readonly served: Served | undefined
  readonly errorBody?: string
  /** Of the error; 200 for an answer. */
  readonly status: number
}
