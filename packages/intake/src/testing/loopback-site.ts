import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A page, or a handler that answers by itself (slowly, endlessly, wrongly). */
export type Route = string | Page | ((request: IncomingMessage, response: ServerResponse) => unknown)

export interface Page {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Answers 304 to a request that carries it. */
  readonly etag?: string
  readonly delayMs?: number
}

/** One request as the server saw it; times on the clock of `performance.now()`. */
export interface SiteRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly startedAt: number
  /** When the answer was out or the connection gone. */
  endedAt?: number
}

export interface LoopbackSite {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  readonly port: number
  /** For `allowPrivate`. */
  readonly host: string
  /** In order of arrival. */
  readonly requests: readonly SiteRequest[]
  /** Connections ever made, asked on or not. */
  readonly connections: number
  readonly openConnections: number
  /** Replaces a page, or adds one. */
  set(path: string, route: Route): void
  close(): Promise<void>
}

/** A web site on loopback that keeps a log. Paths without a route are 404; with `routes['*']`, that. */
export async function startLoopbackSite(
  routes: Readonly<Record<string, Route>> = {},
  { address = '127.0.0.1' }: { address?: string } = {},
): Promise<LoopbackSite> {
  const pages = new Map(Object.entries(routes))
  const requests: SiteRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ maxHeaderSize: 256 * 1024 }, async (request, response) => {
    const path = request.url ?? '/'
    const { method = 'GET', headers } = request
    const seen: SiteRequest = { method, path, headers, startedAt: performance.now() }
    requests.push(seen)
    response.on('close', () => {
      seen.endedAt = performance.now()
    })
    response.on('error', () => undefined)
    const route = pages.get(path) ?? pages.get(path.split('?')[0] ?? '') ?? pages.get('*') ?? { status: 404 }
    if (typeof route === 'function') await route(request, response)
    else await sendPage(typeof route === 'string' ? { body: route } : route, request, response)
  })
  server.on('connection', (socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  const host = `${address.includes(':') ? `[${address}]` : address}:${port}`
  return {
    origin: `http://${host}`,
    port,
    host,
    requests,
    get connections() {
      return connections
    },
    get openConnections() {
      return sockets.size
    },
    set: (path, route) => pages.set(path, route),
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function sendPage(page: Page, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status = 200, headers = {}, body = '', etag, delayMs } = page
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs))
  const validators = etag === undefined ? {} : { etag }
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    response.writeHead(304, validators).end()
    return
  }
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...validators, ...headers })
  response.end(request.method === 'HEAD' ? undefined : body)
}
