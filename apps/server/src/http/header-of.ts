import type { IncomingHttpHeaders } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'

/**
 * A request's headers, as node has parsed them already: Hono would build a Headers object of all of them, and that a
 * Request, which together cost more than a query to the database.
 */
export function headersOf(c: HonoContext): IncomingHttpHeaders {
  return (c.env as Partial<HttpBindings> | undefined)?.incoming?.headers ?? c.req.header()
}

export function headerOf(c: HonoContext, name: string): string | undefined {
  const value = headersOf(c)[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** Whether either header asks tRPC to answer piece by piece, as JSON Lines. */
export function wantsPieces(headers: IncomingHttpHeaders): boolean {
  return headers['trpc-accept'] !== undefined || headers.accept?.includes('application/jsonl') === true
}

/** The same of a request in Hono. */
export function asksForPieces(c: HonoContext): boolean {
  return wantsPieces(headersOf(c))
}
