import { isOurFault, toTrpcError } from '@extropy/api'
import { getTRPCErrorFromUnknown } from '@trpc/server'
import type { Context as HonoContext } from 'hono'
import { stream } from 'hono/streaming'
import type { AppEnv } from './app-env.ts'
import { errorResponse } from './errors.ts'
import { pieceHeaders } from './send-events.ts'

export const linesType = 'application/jsonl'

/** JSON Lines, for a file: the next piece is made when the caller has taken the one before. A failure is the last line. */
export function sendLines(c: HonoContext<AppEnv>, pieces: AsyncIterable<unknown>, path: string): Response {
  const response = stream(c, async (out) => {
    try {
      for await (const piece of pieces) {
        if (out.aborted) return
        await out.write(`${JSON.stringify(piece)}\n`)
      }
    } catch (cause) {
      const error = toTrpcError(getTRPCErrorFromUnknown(cause))
      if (isOurFault(error)) c.get('context').onInternalError(cause, path)
      const { error: told } = (await errorResponse(c, error, path).json()) as { error: unknown }
      await out.write(`${JSON.stringify({ type: 'error', error: told })}\n`)
    }
  })
  const headers = { ...c.get('head'), ...pieceHeaders, 'content-type': linesType, 'cache-control': 'no-store' }
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}
