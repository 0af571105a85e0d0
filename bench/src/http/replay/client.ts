import { Agent, request } from 'node:http'
import type { HttpRequest } from '../http-request.ts'

export interface Reply {
  readonly status: number
  /** `HIT`, `MISS`, `STALE`, `BYPASS`; undefined where the server does not say. */
  readonly cache: string | undefined
  readonly json: unknown
}

export interface Client {
  send(what: HttpRequest): Promise<Reply>
  close(): void
}

/** `node:http` with connections that stay open: `fetch` would make the driver the slowest part of the run. */
export function createClient(baseUrl: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(baseUrl)
  return {
    send: ({ method = 'GET', path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
        const sent = request(
          { agent, hostname, port, method, path, headers: { ...headers, ...length } },
          (response) => {
            const parts: Buffer[] = []
            response.on('data', (part: Buffer) => parts.push(part))
            response.once('error', reject)
            response.once('end', () => {
              const cache = response.headers['x-cache']
              try {
                resolve({
                  status: response.statusCode ?? 0,
                  cache: Array.isArray(cache) ? cache[0] : cache,
                  json: JSON.parse(Buffer.concat(parts).toString()),
                })
              } catch (error) {
                reject(error)
              }
            })
          },
        )
        sent.once('error', reject)
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}
