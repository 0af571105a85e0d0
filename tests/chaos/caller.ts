import { Agent, request as open } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Reply, Request } from '../replay/client.ts'

/** One try to have a request answered, and what the answers so far have shown. */
export interface Attempt {
  /** The place in the primary's log of the newest stamp: whatever was committed before must be in the next answer. */
  seen(): number
  /** @throws where no whole answer comes. */
  send(request: Request, key: string | undefined, signal: AbortSignal): Promise<Reply>
  close(): void
}

export interface Answer extends Reply {
  /** 1 where the first attempt was answered. */
  readonly attempts: number
}

/** A front end, which has the newest stamp that it was given sent with all that it asks. */
export interface Caller extends Pick<Attempt, 'seen' | 'close'> {
  /** Sends until a server answers, whatever dies meanwhile. */
  send(request: Request, key: string | undefined): Promise<Answer>
}

/** A request that nobody answers for so long will never be answered. */
const giveUpMs = 90_000
/** A stopped process holds a connection open, and says nothing. */
const attemptMs = 10_000

export function createCaller({ seen, send, close }: Attempt, onRetry: (why: string) => void): Caller {
  return {
    seen,
    close,
    async send(request, key) {
      const startedAt = performance.now()
      for (let attempts = 1; ; attempts++) {
        const reply = await send(request, key, AbortSignal.timeout(attemptMs)).catch((error: Error) => error.message)
        if (typeof reply !== 'string' && reply.status !== 503) return { ...reply, attempts }
        onRetry(typeof reply === 'string' ? reply : '503')
        if (performance.now() - startedAt > giveUpMs) {
          throw new Error(`${request.path} was not answered for ${giveUpMs / 1000} s: ${JSON.stringify(reply)}`)
        }
        await setTimeout(50)
      }
    },
  }
}

/** By REST, with the stamp kept as docs/api.md tells a caller to. */
export function createRestAttempt(baseUrl: string): Attempt {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })
  const { hostname, port } = new URL(baseUrl)
  let stamp: string | undefined
  let place = 0
  return {
    seen: () => place,
    send({ method = 'GET', path, headers = {}, body }, key, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Reply>()
      const sentHeaders = {
        ...headers,
        ...(stamp === undefined ? {} : { 'extropy-stamp': stamp }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      }
      const sent = open({ agent, hostname, port, method, path, signal, headers: sentHeaders }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.once('error', reject)
        response.once('end', () => {
          const { statusCode: status = 0, headers: answered } = response
          const text = Buffer.concat(parts).toString()
          try {
            const json = text === '' ? undefined : JSON.parse(text)
            const given = answered['extropy-stamp'] as string | undefined
            if (given !== undefined && placeOf(given) >= place) [stamp, place] = [given, placeOf(given)]
            resolve({ status, cache: answered['x-cache'] as string | undefined, json })
          } catch {
            reject(new Error(`${status} with what is no JSON`))
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

/** The first 8 hexadecimal digits of a stamp are the timeline, 16 more the place in its log; the rest is its signature. One number for both, that grows. */
export function placeOf(stamp: string): number {
  return Number.parseInt(stamp.slice(0, 8), 16) * 2 ** 44 + Number.parseInt(stamp.slice(8, 24), 16)
}
