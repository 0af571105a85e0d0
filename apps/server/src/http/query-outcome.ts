import type { IncomingHttpHeaders } from 'node:http'
import { type Procedure, serveQuery, toTrpcError } from '@extropy/api'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { Context as HonoContext } from 'hono'
import type { AppEnv, Outcome } from './app-env.ts'
import { errorHeaders, errorShape } from './errors.ts'

/** The reason to bypass the cache: the caller wants a fresh answer, or this kind of request is no safe read. */
export function bypassOf(headers: IncomingHttpHeaders, isRead: boolean): string | undefined {
  if (!isRead) return 'method'
  if (headers.range !== undefined) return 'range'
  const control = headers['cache-control']
  if (control === undefined) return undefined
  if (/\bno-store\b/i.test(control)) return 'no-store'
  return /\bno-cache\b/i.test(control) ? 'no-cache' : undefined
}

/** Runs a query, or takes its answer from the cache. Never throws: an error is an outcome, which leaves others unharmed. */
export async function queryOutcome(
  c: HonoContext<AppEnv>,
  procedure: Procedure,
  readInput: () => unknown,
  bypass: string | undefined,
): Promise<Outcome> {
  const scope = c.get('scope')
  const context = c.get('context')
  try {
    const input = readInput()
    const { signal, timing } = scope
    return {
      procedure,
      served: await serveQuery(context, { procedure, input, bypass, signal, timing }),
      status: 200,
    }
  } catch (cause) {
    return errorOutcome(c, procedure, cause)
  }
}

function errorOutcome(c: HonoContext<AppEnv>, procedure: Procedure, cause: unknown): Outcome {
  const error = toTrpcError(getTRPCErrorFromUnknown(cause))
  for (const [name, value] of errorHeaders(error)) c.get('head')[name] = value
  return {
    procedure,
    served: undefined,
    errorBody: JSON.stringify({ error: errorShape(c, error, procedure.path) }),
    status: getHTTPStatusCodeFromError(error),
  }
}

/** @throws TRPCError that names the fault in the text */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The same error as tRPC's own handler gives: one mistake, one error, at every door.
    throw new TRPCError({ code: 'BAD_REQUEST', cause })
  }
}
