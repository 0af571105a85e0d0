import type { RequestTiming } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'

/** One request on its way: who hears when it is over, and where its time went. */
export interface RequestScope {
  readonly startedAt: number
  readonly timing: RequestTiming & { authMs: number }
  /** Aborts when the caller hangs up, and at the deadline. Made when it is first asked for. */
  readonly signal: AbortSignal
  end(): void
}

/** What was asked for has been answered, or nobody waits for it any more. */
export function beginRequest(c: HonoContext, deadlineMs: number): RequestScope {
  const startedAt = performance.now()
  const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing
  let controller: AbortController | undefined
  let timer: NodeJS.Timeout | undefined
  const hangUp = () => {
    if (outgoing?.writableFinished !== true) controller?.abort(new DOMException('The caller has gone', 'AbortError'))
  }
  return {
    startedAt,
    timing: { authMs: 0, poolMs: 0, queryMs: 0, queries: 0, serializeMs: 0, cacheMs: 0 },
    get signal() {
      if (controller === undefined) {
        const made = new AbortController()
        controller = made
        const left = Math.max(0, deadlineMs - (performance.now() - startedAt))
        timer = setTimeout(() => made.abort(new DOMException('The time is up', 'TimeoutError')), left)
        outgoing?.once('close', hangUp)
        if (outgoing?.destroyed === true) hangUp()
      }
      return controller.signal
    },
    end() {
      clearTimeout(timer)
      outgoing?.off('close', hangUp)
    },
  }
}
