import type { Context } from '@extropy/api'
import { withScope } from '@extropy/db'
import {
  createMcpHandler,
  InMemoryServerEventBus,
  type McpHandlerRequestOptions,
  type McpServerFactory,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { onlySubscriptions, subscriptionOf } from './subscription-uri.ts'
import { callerOf } from './tool.ts'

/** Each is looked at once a second. */
const mostUris = 20
/** Then the stream ends in order, and the client listens again. */
const longestSeconds = 3600
const invalidParams = -32_602

const Listen = z.object({
  method: z.literal('subscriptions/listen'),
  id: z.union([z.string(), z.number()]),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).default([]) }) }),
})

interface ListenOptions {
  readonly context: Context
  readonly gone: AbortSignal
  readonly keepAliveMs: number
}

/** Whether a message opens a stream of notifications, which the protocol has since 2026-07-28: it needs no session. */
export function isListen(message: unknown): boolean {
  return (message as { method?: unknown } | null)?.method === 'subscriptions/listen'
}

/**
 * A stream with a notification for each difference that one of the caller's own subscriptions tells from now on. The SDK speaks, and
 * asks nobody whose a resource is: that is done here, by the procedure.
 */
export async function serveListen(
  factory: McpServerFactory,
  request: Request,
  { context, gone, keepAliveMs, ...given }: ListenOptions & McpHandlerRequestOptions,
): Promise<Response> {
  const bus = new InMemoryServerEventBus()
  const handler = createMcpHandler(factory, { bus, keepAliveMs })
  const message = Listen.safeParse(given.parsedBody)
  // What is not understood is refused by the SDK, in its own words.
  if (!message.success) return handler.fetch(request, given)
  const { id, params } = message.data
  const uris = [...new Set(params.notifications.resourceSubscriptions)]
  const refuse = (error: string) =>
    Response.json({ jsonrpc: '2.0', id, error: { code: invalidParams, message: `Invalid params: ${error}` } })
  if (uris.length > mostUris) return refuse(`resourceSubscriptions must have at most ${mostUris}`)
  const wrong = uris.find((uri) => subscriptionOf(uri) === undefined)
  if (wrong !== undefined) return refuse(onlySubscriptions)

  const over = new AbortController()
  const signal = AbortSignal.any([gone, over.signal])
  const caller = callerOf({ ...context, db: withScope(context.db, { signal }), signal })
  const follow = async (uri: string) => {
    const events = await caller.subscriptions.events({ id: subscriptionOf(uri) ?? '', waitSeconds: longestSeconds })
    return { uri, events }
  }
  let followed: Awaited<ReturnType<typeof follow>>[]
  try {
    followed = await Promise.all(uris.map(follow))
  } catch (error) {
    over.abort()
    return refuse((error as Error).message)
  }
  const response = await handler.fetch(request, given)
  const told = followed.map(async ({ uri, events }) => {
    for await (const _ of events) bus.publish({ kind: 'resource_updated', uri })
  })
  void Promise.allSettled(told).then(() => {
    over.abort()
    return handler.close()
  })
  return response
}
