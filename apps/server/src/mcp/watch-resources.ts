import { setTimeout } from 'node:timers/promises'
import type { JSONRPCMessage } from '@modelcontextprotocol/server'
import { type Api, ApiError } from '../cli/api.ts'
import { onlySubscriptions, subscriptionOf } from './subscription-uri.ts'

const invalidParams = -32_602
const againMs = 2000
/** After too many requests, or with too many streams. */
const muchLaterMs = 60_000

interface Change {
  readonly id: string
}

/**
 * `resources/subscribe` for clients of the protocol before 2026-07-28 that start a program: the server has no session to keep it in, but the
 * program lives as long as its client. It follows the differences by REST, and goes on behind the last one where the stream broke off.
 */
export function createResourceWatch(api: Api, send: (message: JSONRPCMessage) => Promise<void>) {
  const watched = new Map<string, AbortController>()

  async function subscribe(uri: unknown): Promise<void> {
    const id = subscriptionOf(uri)
    if (id === undefined) throw new ApiError(onlySubscriptions, 400)
    const path = `/api/subscriptions/${id}`
    const { items } = await api.call<{ items: { sequence: string }[] }>('GET', `${path}/changes?limit=1`)
    watched.get(String(uri))?.abort()
    const over = new AbortController()
    watched.set(String(uri), over)
    void follow(String(uri), path, items[0]?.sequence ?? '0', over.signal)
  }

  async function follow(uri: string, path: string, from: string, signal: AbortSignal): Promise<void> {
    let seen = from
    while (!signal.aborted) {
      let waitMs = againMs
      try {
        for await (const { id } of api.events<Change>(`${path}/events?lastEventId=${seen}`)) {
          if (signal.aborted) return
          if (!/^\d+$/.test(id)) continue
          seen = id
          await send({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
        }
      } catch (error) {
        // The subscription or the key has gone; a server that is away comes back.
        if (error instanceof ApiError && error.status === 429) waitMs = muchLaterMs
        else if (error instanceof ApiError && error.status >= 400 && error.status < 500) return
      }
      await setTimeout(waitMs, undefined, { ref: false })
    }
  }

  return {
    /** Answers what is meant for it; false where the server has to. */
    async answer(message: JSONRPCMessage): Promise<boolean> {
      if (!('id' in message && 'method' in message)) return false
      const { id, method, params } = message
      if (method !== 'resources/subscribe' && method !== 'resources/unsubscribe') return false
      const uri = (params as { uri?: unknown } | undefined)?.uri
      try {
        if (method === 'resources/subscribe') await subscribe(uri)
        else watched.get(String(uri))?.abort()
        await send({ jsonrpc: '2.0', id, result: {} })
      } catch (error) {
        await send({ jsonrpc: '2.0', id, error: { code: invalidParams, message: (error as Error).message } })
      }
      return true
    },
    /** The server does not promise it, for it cannot; this program can. */
    promise(message: unknown): void {
      const { result } = (message ?? {}) as { result?: { protocolVersion?: unknown; capabilities?: Capabilities } }
      if (typeof result?.protocolVersion !== 'string' || result.capabilities?.resources === undefined) return
      result.capabilities.resources = { ...result.capabilities.resources, subscribe: true }
    },
    close(): void {
      for (const over of watched.values()) over.abort()
    },
  }
}

interface Capabilities {
  resources?: object
}
