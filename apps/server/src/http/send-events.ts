import { isOurFault, toTrpcError } from '@extropy/api'
import { getTRPCErrorFromUnknown } from '@trpc/server'
import type { Context as HonoContext } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { AppEnv } from './app-env.ts'
import { errorResponse } from './errors.ts'
import { headerOf } from './header-of.ts'

/** Proxies commonly give up on an upstream that is silent for 30 or 60 seconds, some for 20. */
const keepAliveMs = 10_000
/** How long a browser waits before it connects again. */
const retryMs = 5000
/** The id of a stream's last event. */
const endId = 'end'

/** Headers of every stream: a proxy must neither buffer nor compress it. */
export const pieceHeaders = { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }

/** Whether the caller has had the whole stream: an EventSource connects again after the end, and only 204 stops it. */
export function hasHadAll(c: HonoContext<AppEnv>): boolean {
  return headerOf(c, 'last-event-id') === endId
}

/** Server-sent events, each named by its type, with its own id where it has one. A failure after the status was sent is an event too: `error`. */
export function sendEvents(
  c: HonoContext<AppEnv>,
  events: AsyncIterable<{ readonly type: string; readonly id?: string }>,
  path: string,
): Response {
  const response = streamSSE(c, async (stream) => {
    const keepAlive = setInterval(() => stream.write(': still here\n\n'), keepAliveMs)
    let id = 0
    try {
      for await (const event of events) {
        const retry = id++ === 0 ? { retry: retryMs } : {}
        const isLast = event.type === 'done'
        await stream.writeSSE({
          event: event.type,
          id: isLast ? endId : (event.id ?? String(id)),
          data: JSON.stringify(event),
          ...retry,
        })
      }
    } catch (cause) {
      const error = toTrpcError(getTRPCErrorFromUnknown(cause))
      if (isOurFault(error)) c.get('context').onInternalError(cause, path)
      await stream.writeSSE({ event: 'error', id: endId, data: await errorResponse(c, error, path).text() })
    } finally {
      clearInterval(keepAlive)
    }
  })
  for (const [name, value] of Object.entries({ ...c.get('head'), ...pieceHeaders })) response.headers.set(name, value)
  // Node says how the body is framed; HTTP/1.0, which nginx speaks to its upstreams, has no chunks.
  response.headers.delete('transfer-encoding')
  response.headers.delete('connection')
  return response
}
