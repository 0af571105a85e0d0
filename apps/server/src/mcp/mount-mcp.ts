import { AppError, accessRefusal, readBearer } from '@extropy/api'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { TRPCError } from '@trpc/server'
import type { Hono, Context as HonoContext } from 'hono'
import type { AppEnv } from '../http/app-env.ts'
import { errorResponse } from '../http/errors.ts'
import { headerOf } from '../http/header-of.ts'
import { parseJson } from '../http/query-outcome.ts'
import { createAllowedHosts } from './allowed-hosts.ts'
import { createMcpServer, type McpCaller } from './create-mcp-server.ts'
import { isListen, serveListen } from './listen.ts'
import { challenge, metadataPaths, protectedResource } from './protected-resource.ts'

export interface McpOptions {
  /** MCP_HOSTS. */
  readonly hosts: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly deadlineMs: number
  readonly trustsProxies: boolean
}

/** Of the specification's own keep-alives; some proxies give up after 20 seconds. */
const keepAliveMs = 10_000

/** Before `identify`: a 401 of `/mcp` says where to read how to ask, whoever has refused. */
export function challengeMcp(hono: Hono<AppEnv>, { trustsProxies }: Pick<McpOptions, 'trustsProxies'>): void {
  hono.use('/mcp', async (c, next) => {
    await next()
    if (c.res.status !== 401) return
    const hasKey = readBearer(headerOf(c, 'authorization')) !== undefined
    c.res.headers.set('www-authenticate', challenge(originOf(c, trustsProxies), hasKey))
  })
}

/**
 * The Model Context Protocol at POST `/mcp`: streamable HTTP without sessions. A door like the others: the SDK speaks the protocol, the
 * tools call procedures as the key's user. Returns the documents that it adds.
 */
export function mountMcp(hono: Hono<AppEnv>, options: McpOptions): readonly string[] {
  const handler = createMcpHandler(createMcpServer, { keepAliveMs })
  const allowed = createAllowedHosts(options.hosts, options.corsOrigins)

  hono.post('/mcp', async (c) => {
    const refused = allowed.refuse(c.req.raw)
    if (refused) return withHead(c, refused)
    const context = c.get('context')
    const { principal } = context
    const refusal = accessRefusal({ scope: 'read', reach: 'public' }, principal)
    if (refusal || principal === undefined) return errorResponse(c, unauthorized(refusal))
    const parsedBody = parseJson(await c.req.text())
    // Each request is charged once: a batch, which the protocol has not had since 2025-06-18, would be many for one.
    if (Array.isArray(parsedBody)) return withHead(c, noBatches())
    const { gone } = c.get('scope')
    const mcpCaller: McpCaller = { context, gone, deadlineMs: options.deadlineMs }
    const authInfo = {
      token: '',
      clientId: principal.keyId,
      scopes: [...principal.scopes],
      extra: { mcpCaller },
    }
    const { url, headers } = c.req.raw
    const request = new Request(url, { method: 'POST', headers, signal: gone })
    const given = { authInfo, parsedBody }
    const response = isListen(parsedBody)
      ? await serveListen(createMcpServer, request, { ...given, context, gone, keepAliveMs })
      : await handler.fetch(request, given)
    return withHead(c, response)
  })

  for (const path of metadataPaths) {
    hono.get(path, (c) => {
      const headers = { ...c.get('head'), 'cache-control': 'public, max-age=3600', 'access-control-allow-origin': '*' }
      return Response.json(protectedResource(originOf(c, options.trustsProxies)), { headers })
    })
  }
  return metadataPaths
}

/** As the caller sees it: a proxy in front that is ours says its own name. */
function originOf(c: HonoContext<AppEnv>, trustsProxies: boolean): string {
  const { protocol, host } = new URL(c.req.url)
  const forwarded = (name: string) => (trustsProxies ? headerOf(c, name)?.split(',').at(-1)?.trim() : undefined)
  const origin = `${forwarded('x-forwarded-proto') ?? protocol.slice(0, -1)}://${forwarded('x-forwarded-host') ?? host}`
  return URL.parse(origin)?.origin ?? `${protocol}//${host}`
}

/** The request's id and its charge are in every answer. */
function withHead(c: HonoContext<AppEnv>, response: Response): Response {
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(c.get('head'))) headers.set(name, value)
  headers.set('cache-control', 'no-store, no-transform')
  headers.set('x-accel-buffering', 'no')
  return new Response(response.body, { status: response.status, headers })
}

function unauthorized(cause: AppError | undefined): TRPCError {
  const said = cause ?? new AppError('unauthenticated', 'This needs an API key.')
  return new TRPCError({ code: 'UNAUTHORIZED', message: said.message, cause: said })
}

function noBatches(): Response {
  const error = { code: -32_600, message: 'Send one message a request: batches are not part of the protocol.' }
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 400 })
}
