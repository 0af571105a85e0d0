import { randomUUID, timingSafeEqual } from 'node:crypto'
import { createApiKey, type Deps, localPrincipal, type Principal } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'

/** The way in for commands on the server's own machine: a key that is in this process's memory alone, and ends with it. */
export interface LocalDoor {
  readonly key: string
  /** Undefined for every other key, and for callers from elsewhere. */
  authenticate(key: string, from: Partial<HttpBindings> | undefined): Promise<Principal | undefined>
}

export function createLocalDoor(deps: Pick<Deps, 'db' | 'cache'>): LocalDoor {
  const { key } = createApiKey()
  const expected = Buffer.from(key)
  const keyId = randomUUID()
  return {
    key,
    async authenticate(given, from) {
      const bytes = Buffer.from(given)
      const isIt = bytes.length === expected.length && timingSafeEqual(bytes, expected)
      return isIt && isFromHere(from?.incoming) ? localPrincipal(deps, keyId) : undefined
    },
  }
}

/**
 * Whether the caller is on this machine, by the socket. A proxy on this machine speaks for callers from elsewhere, and says so in a header.
 * Without a socket the caller is this process.
 */
function isFromHere(request: HttpBindings['incoming'] | undefined): boolean {
  if (request === undefined) return true
  const { socket, headers } = request
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false
  const { remoteAddress = '', localAddress } = socket
  return /^(::ffff:)?127\.|^::1$/.test(remoteAddress) || (remoteAddress !== '' && remoteAddress === localAddress)
}
