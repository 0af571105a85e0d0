import type { Context as HonoContext } from 'hono'
import { codeOfCall, proceduresOf } from '../monitoring/observe-request.ts'
import type { AppEnv } from './app-env.ts'

/** A finished request's line in the log. Ids name the caller; no key, no query string and no input is logged. */
export function requestLine(c: HonoContext<AppEnv>, requestId: string, elapsedMs: number): object {
  const { method, path } = c.req
  const { address, principal } = c.get('context')
  const { procedures } = proceduresOf(c)
  const [procedure] = procedures
  const isOne = procedures.length === 1 && procedure !== undefined && c.get('outcomes') === undefined
  return {
    requestId,
    method,
    path,
    procedure: procedures.join(','),
    status: c.res.status,
    ...(isOne && c.get('refusals')?.has(procedure) ? { code: codeOfCall(c, procedure) } : {}),
    durationMs: Math.round(elapsedMs * 100) / 100,
    address,
    ...(principal === undefined ? {} : { userId: principal.userId, keyId: principal.keyId }),
    traceId: c.get('traceId'),
  }
}
