import { Agent, request } from 'node:http'

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Reply {
  readonly status: number
  /** `HIT`, `MISS`, `STALE`, `BYPASS`; undefined where the server does not say. */
  readonly cache: string | undefined
  readonly json: unknown
}

export interface Client {
  send(what: Request, key?: string): Promise<Reply>
  close(): void
}

/** `node:http` with connections that stay open: `fetch` would make the driver the slowest part of the run. */
export function createClient(baseUrl: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(baseUrl)
  return {
    async send({ method = 'GET', path, headers = {}, body }, key) {
      const { promise, resolve, reject } = Promise.withResolvers<Reply>()
      const more = {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      }
      const sent = request({ agent, hostname, port, method, path, headers: { ...headers, ...more } }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.once('error', reject)
        response.once('end', () => {
          const { statusCode: status = 0, headers: answered } = response
          const cache = answered['x-cache'] as string | undefined
          const text = Buffer.concat(parts).toString()
          try {
            resolve({ status, cache, json: JSON.parse(text) })
          } catch {
            reject(new Error(`${path} answered ${status} with what is no JSON: ${text.slice(0, 200)}`))
          }
        })
      })
      sent.once('error', reject)
      sent.end(body)
      return promise
    },
    close: () => agent.destroy(),
  }
}
