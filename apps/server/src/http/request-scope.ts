import type { RequestTiming } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'

/** One request's clock, its deadline, and a signal for a caller who has gone. */
export interface RequestScope {
  readonly startedAt: number
  readonly timing: RequestTiming & { authMs: number }
  /** Aborts when the caller hangs up, and at the deadline; not after `end`. Made when it is first asked for. */
  readonly signal: AbortSignal
  /** Aborts when the caller hangs up, also after `end`: for answers that come piece by piece. */
  readonly gone: AbortSignal
  end(): void
}

/** Starts a request's clock and its deadline. */
export function beginRequest(c: HonoContext, deadlineMs: number): RequestScope {
  const startedAt = performance.now()
  const outgoing = (c.env as Partial<HttpBindings> | undefined)?.outgoing
  let controller: AbortController | undefined
  let timer: NodeJS.Timeout | undefined
  let gone: AbortSignal | undefined
  const hangUp = () => {
    if (outgoing?.writableFinished !== true) controller?.abort(callerGone())
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
    get gone() {
      gone ??= outgoing === undefined ? c.req.raw.signal : untilClosed(outgoing)
      return gone
    },
    end() {
      clearTimeout(timer)
      outgoing?.off('close', hangUp)
    },
  }
}

function untilClosed(outgoing: HttpBindings['outgoing']): AbortSignal {
  const controller = new AbortController()
  const leave = () => {
    if (!outgoing.writableFinished) controller.abort(callerGone())
  }
  if (outgoing.destroyed) leave()
  else outgoing.once('close', leave)
  return controller.signal
}

function callerGone(): DOMException {
  return new DOMException('The caller has gone', 'AbortError')
}
