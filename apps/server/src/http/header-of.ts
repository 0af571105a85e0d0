import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'

/**
 * A request header, as node has parsed it already: Hono would build a Headers object of all of them, and that a Request,
 * which together cost more than a query to the database.
 */
export function headerOf(c: HonoContext, name: string): string | undefined {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  if (incoming === undefined) return c.req.header(name)
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

interface AcceptHeaders {
  readonly accept?: string | undefined
  readonly 'trpc-accept'?: string | string[] | undefined
}

/** Whether tRPC would answer piece by piece, as JSON Lines: by either header. */
export function wantsPieces(headers: AcceptHeaders): boolean {
  return headers['trpc-accept'] !== undefined || headers.accept?.includes('application/jsonl') === true
}

/** The same of a request in Hono. */
export function asksForPieces(c: HonoContext): boolean {
  return wantsPieces({ accept: headerOf(c, 'accept'), 'trpc-accept': headerOf(c, 'trpc-accept') })
}
