import type { CacheStatus, Context, Door, Procedure, Served } from '@extropy/api'
import type { RequestScope } from './request-scope.ts'

/** The variables that a request carries through Hono's middleware. */
export interface AppEnv {
  Variables: {
    context: Context
    scope: RequestScope
    place: Place
    /** Headers that every answer to this request carries. */
    head: Record<string, string>
    /** The procedure of a REST route, and the outcome of each call of a query: for metrics and traces. */
    procedure?: string
    outcomes?: readonly Outcome[]
    /** Codes of calls that tRPC's own handler refused, by procedure: the status of a stream is 200 however it ends. */
    refusals?: ReadonlyMap<string, string>
    /** The id of the request's trace, where traces are made. */
    traceId?: string
    /** Resolves when a streamed answer has ended. */
    streamed?: Promise<void>
  }
}

/** A request's place among those in flight. Repeated calls have no effect. */
export interface Place {
  /** @throws TRPCError where all places are taken */
  enter(): void
  leave(): void
}

/** Called for every answer, with its procedure (or kind of path), door, outcome and duration. */
export type Observe = (
  procedure: string,
  door: Door,
  code: string,
  durationMs: number,
  cacheStatus?: CacheStatus,
) => void

/** The outcome of one call of a query. */
export interface Outcome {
  readonly procedure: Procedure
  /** Undefined where there was an error: then `errorBody` is sent. */
  readonly served: Served | undefined
  readonly errorBody?: string
  /** The error's status; 200 for an answer. */
  readonly status: number
}
