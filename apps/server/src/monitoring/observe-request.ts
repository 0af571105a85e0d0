import type { Door } from '@extropy/api'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { Context as HonoContext } from 'hono'
import type { AppEnv, Observe } from '../http/app-env.ts'
import { procedurePaths } from '../http/errors.ts'
import { maxBatchSize } from '../http/rpc-queries.ts'
import { otherProcedure } from './request-counts.ts'

const codes = new Map(
  (Object.keys(TRPC_ERROR_CODES_BY_KEY) as (keyof typeof TRPC_ERROR_CODES_BY_KEY)[]).map((code) => [
    getHTTPStatusCodeFromError(new TRPCError({ code })),
    code,
  ]),
)

/** Counts a finished request. The calls of a batch share its time; the fast path counts its own answers. */
export function observeRequest(observe: Observe, c: HonoContext<AppEnv>, durationMs: number): void {
  const { door, procedures } = proceduresOf(c)
  const outcomes = c.get('outcomes')
  if (outcomes === undefined) {
    for (const procedure of procedures) observe(procedure, door, codeOfCall(c, procedure), durationMs)
    return
  }
  for (const { procedure, status, served } of outcomes) {
    observe(procedure.path, door, codeOf(status), durationMs, served?.verdict.status)
  }
}

/** The code that a procedure's call ended with, outside of `outcomes`. */
export function codeOfCall(c: HonoContext<AppEnv>, procedure: string): string {
  return c.get('refusals')?.get(procedure) ?? codeOf(c.res.status)
}

/** The procedures that the caller named at the RPC door; at a REST route, the route's own. */
export function proceduresOf(c: HonoContext<AppEnv>): { door: Door; procedures: readonly string[] } {
  const { path } = c.req
  if (!path.startsWith('/trpc/')) return { door: 'rest', procedures: [c.get('procedure') ?? otherProcedure] }
  return { door: 'rpc', procedures: procedurePaths(path.slice('/trpc/'.length)).slice(0, maxBatchSize) }
}

/** 207 is a batch that tRPC itself answered, of which some calls failed. */
function codeOf(status: number): string {
  return status === 200 || status === 304 ? 'OK' : (codes.get(status) ?? 'OTHER')
}
