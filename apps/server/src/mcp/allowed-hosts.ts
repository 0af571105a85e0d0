import { isIP } from 'node:net'
import { hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server'

export interface AllowedHosts {
  /** 403 for a request under a foreign name, or from a foreign page; undefined for all others. */
  refuse(request: Request): Response | undefined
}

/**
 * A web page can give its own name this server's address (DNS rebinding), and then is of one origin with it. So a name must be known:
 * an address or localhost, those of MCP_HOSTS, or those of CORS_ORIGINS, whose pages may ask too.
 */
export function createAllowedHosts(names: readonly string[], corsOrigins: readonly string[]): AllowedHosts {
  const isOpen = names.includes('*')
  const own = ['localhost', ...names]
  const pages = corsOrigins.flatMap((origin) => URL.parse(origin)?.hostname ?? [])
  return {
    refuse(request) {
      const host = hostOf(request)
      const isKnown = isOpen || isIP(host.replace(/^\[|\]$/g, '')) !== 0 || host.endsWith('.localhost')
      const hosts = isKnown ? [...own, host] : own
      if (hostHeaderValidationResponse(request, [...hosts, ...pages])) return forbidden(foreignHost(host))
      // Pages of this very server, which its name was checked for, and those of CORS_ORIGINS.
      const origin = request.headers.get('origin')
      if (origin === null || corsOrigins.includes('*')) return undefined
      if (!originValidationResponse(request, [host, ...pages])) return undefined
      return forbidden(`origin: pages of ${origin.slice(0, 200)} may not ask here: CORS_ORIGINS names those that may`)
    },
  }
}

function hostOf(request: Request): string {
  return URL.parse(`http://${request.headers.get('host') ?? ''}`)?.hostname ?? ''
}

const foreignHost = (host: string) => `host: ${host.slice(0, 200)} is none of this server's names: MCP_HOSTS lists them`

function forbidden(message: string): Response {
  const body = { jsonrpc: '2.0', error: { code: -32_600, message }, id: null }
  return Response.json(body, { status: 403 })
}
